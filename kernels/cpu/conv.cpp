#include "kernels/cpu/conv_pack.h"
#include "kernels/cpu/conv_product.h"
#include "kernels/cpu/tile_product.h"
#include "kernels/cpu/winograd_product.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

// Three ways to convolve, each for both directions: a plan, the weights as it wants them, and the product.

template <class T, ConvLoop loop>
struct Direct {
  static ConvPlan plan(const ConvSizes& s, Pass pass, int threads) {
    return plan_conv(ConvView::of(s, pass), loop, VectorShape::of(micro_kernels<T>()), threads);
  }
  static void pack(const ConvPlan& plan, const ConvSizes& s, Pass pass, const T* w, T* packed,
                   const Workers& workers) {
    pack_conv_weights(plan, WeightStrides::of(s, pass), w, packed, workers);
  }
  template <class Finish>
  using Product = ConvProduct<T, Finish>;
};

template <class T, int m>
struct Winograd {
  static WinogradPlan plan(const ConvSizes& s, Pass pass, int threads) {
    return plan_winograd<T>(s, pass, m, threads);
  }
  static void pack(const WinogradPlan& plan, const ConvSizes& s, Pass pass, const T* w, T* packed,
                   const Workers& workers) {
    pack_winograd_weights<T, m>(plan, s, pass, w, packed, workers);
  }
  template <class Finish>
  using Product = WinogradProduct<T, m, Finish>;
};

struct Tiles {
  static ConvPlan plan(const ConvSizes& s, Pass pass, int threads) {
    return plan_conv(ConvView::of(s, pass), ConvLoop::tiles, tile_shape, threads);
  }
  static void pack(const ConvPlan& plan, const ConvSizes& s, Pass pass, const float* w, float* packed,
                   const Workers& workers) {
    pack_tiles(plan, WeightStrides::of(s, pass), w, packed, workers);
  }
  template <class Finish>
  using Product = TileProduct<Finish>;
};

/// A table has both types, and no float64 gets past `tiles` below.
template <class T>
using TilesIfFloat = std::conditional_t<std::is_same_v<T, float>, Tiles, Direct<T, ConvLoop::blocked>>;

/// All but `run`.
template <class Contract, class Method, class Plan>
Bound<Contract> bound(const Plan& plan, const ConvSizes& s, Pass pass) {
  using T = typename Contract::Element;
  return {.run = {},
          .scratch = static_cast<std::size_t>(plan.scratch_elements()) * sizeof(T),
          .shared = static_cast<std::size_t>(plan.shared_elements()) * sizeof(T),
          .prepared = static_cast<std::size_t>(plan.packed_elements()),
          .prepare = [plan, s, pass](const T* w, T* packed, const Workers& workers) {
            Method::pack(plan, s, pass, w, packed, workers);
          }};
}

template <class T, class Method>
Bound<ConvForward<T>> forward(const ConvSizes& s, const Machine& machine) {
  const auto plan = Method::plan(s, Pass::forward, machine.threads);
  auto all = bound<ConvForward<T>, Method>(plan, s, Pass::forward);
  all.run = [plan](const T* x, const T* packed, const Epilogue<T>& epilogue, T* y, const Workers& workers) {
    typename Method::template Product<Epilogue<T>>(plan, x, packed, epilogue, y).run(workers);
  };
  return all;
}

template <class T, class Method>
Bound<ConvBackwardData<T>> backward(const ConvSizes& s, const Machine& machine) {
  const auto plan = Method::plan(s, Pass::backward, machine.threads);
  auto all = bound<ConvBackwardData<T>, Method>(plan, s, Pass::backward);
  all.run = [plan](const T* dy, const T* packed, T* dx, const Gate& gate, const Workers& workers) {
    typename Method::template Product<Gate>(plan, dy, packed, gate, dx).run(workers);
  };
  return all;
}

/// What lies between dilated taps is copied as well: it must not be of another size than the image.
bool compact(const ConvSizes& s) {
  const auto reaches = [](std::int64_t kernel, std::int64_t dilation, std::int64_t size) {
    return (kernel - 1) * dilation <= 4 * size + 64;
  };
  return reaches(s.kernel_height, s.dilation_y, s.in_height) &&
         reaches(s.kernel_width, s.dilation_x, s.in_width);
}
/// Stride 1, and whole vectors and bytes of a mask for every instruction set.
bool winograd(const ConvSizes& s) {
  return s.kernel_height == 3 && s.kernel_width == 3 && s.stride_y == 1 && s.stride_x == 1 &&
         s.dilation_y == 1 && s.dilation_x == 1 && s.groups == 1 && s.in_channels % 16 == 0 &&
         s.out_channels % 16 == 0 && s.pad_top >= 0 && s.pad_top <= 2 && s.pad_left >= 0 && s.pad_left <= 2;
}
/// The tiles of 2×2, whose points are 0 and ±1, are exact where integers are summed and keep equal inputs
/// equal: so forward, where a max pool that follows chooses, it is these. (Tiles of 4×4 where none follows
/// made ResNet18 3 and ResNet50 1 % faster, and took ResNet50 with signs held from 7.2e-5 of PyTorch's
/// float64 to 1.1e-4: past the bar of 1e-4. EPYC, 2026-11-28, tests/pytorch/verify_matrix.py.)
constexpr Arithmetic split{.plain = false}, winograd2{.plain = false},
    winograd4{.plain = false, .largest_error = 1e-5};
// Measured on the shapes of the ResNets and VGG: at 7×7 too much of the tiles is wasted, and reading the
// larger weights takes as long as what is saved; at 14×14 that holds for 4×4 tiles. The batch has no say, as
// an image's bits do not depend on it.
std::int64_t pixels(const ConvSizes& s) { return s.out_height * s.out_width; }
bool not_small(const ConvSizes& s) { return pixels(s) >= 100; }
bool large(const ConvSizes& s) { return pixels(s) >= 400; }
bool depthwise(const ConvSizes& s) { return compact(s) && s.group_in() == 1 && s.group_out() == 1; }
template <class T>
bool tiles(const ConvSizes& s) {
  return std::is_same_v<T, float> && compact(s) && s.groups == 1;
}
/// Two tiles of channels are a block.
bool half_full(const ConvSizes& s) { return s.in_channels >= 32 && s.out_channels >= 32; }
bool few_outputs(const ConvSizes& s) { return compact(s) && s.group_out() <= most_dots; }
bool few_inputs(const ConvSizes& s) { return compact(s) && s.group_in() <= most_dots; }

}  // namespace

BACKLIGHT_TABLE(ConvForward,
                {{"depthwise", forward<T, Direct<T, ConvLoop::depthwise>>, depthwise},
                 {"dots", forward<T, Direct<T, ConvLoop::dots>>, few_outputs},
                 {"bf16x6", forward<T, TilesIfFloat<T>>, tiles<T>, split, half_full, tiles_in_use},
                 {"winograd2", forward<T, Winograd<T, 2>>, winograd, winograd2, not_small},
                 {"blocked", forward<T, Direct<T, ConvLoop::blocked>>, compact},
                 {"ref", ref::conv_forward<T>}})

BACKLIGHT_TABLE(ConvBackwardData,
                {{"depthwise", backward<T, Direct<T, ConvLoop::depthwise>>, depthwise},
                 {"dots", backward<T, Direct<T, ConvLoop::dots>>, few_inputs},
                 {"winograd4", backward<T, Winograd<T, 4>>, winograd, winograd4, large},
                 {"bf16x6", backward<T, TilesIfFloat<T>>, tiles<T>, split, half_full, tiles_in_use},
                 {"winograd2", backward<T, Winograd<T, 2>>, winograd, winograd2, not_small},
                 {"blocked", backward<T, Direct<T, ConvLoop::blocked>>, compact},
                 {"ref", ref::conv_backward_data<T>}})

}  // namespace backlight::cpu
