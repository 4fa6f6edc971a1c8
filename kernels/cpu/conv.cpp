#include "kernels/cpu/conv_pack.h"
#include "kernels/cpu/conv_product.h"
#include "kernels/cpu/winograd_product.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

template <class T>
std::size_t scratch_bytes(const ConvPlan& plan) {
  return static_cast<std::size_t>(plan.patch_elements + plan.sums_elements) * sizeof(T);
}

template <class T, ConvLoop loop>
Bound<ConvForward<T>> forward(const ConvSizes& s, const Machine& machine) {
  const ConvPlan plan =
      plan_conv(ConvView::forward(s), loop, VectorShape::of(micro_kernels<T>()), machine.threads);
  return {.run =
              [plan](const T* x, const T* packed, const Epilogue<T>& epilogue, T* y, const Workers& workers) {
                ConvProduct<T, Epilogue<T>>(plan, x, packed, epilogue, y).run(workers);
              },
          .scratch = scratch_bytes<T>(plan),
          .prepared = static_cast<std::size_t>(plan.packed_elements),
          .prepare =
              [plan, s](const T* w, T* packed, const Workers& workers) {
                pack_conv_weights(plan, WeightStrides::forward(s), w, packed, workers);
              }};
}

template <class T, ConvLoop loop>
Bound<ConvBackwardData<T>> backward_data(const ConvSizes& s, const Machine& machine) {
  const ConvPlan plan =
      plan_conv(ConvView::backward(s), loop, VectorShape::of(micro_kernels<T>()), machine.threads);
  return {.run =
              [plan](const T* dy, const T* packed, T* dx, const Gate& gate, const Workers& workers) {
                ConvProduct<T, Gate>(plan, dy, packed, gate, dx).run(workers);
              },
          .scratch = scratch_bytes<T>(plan),
          .prepared = static_cast<std::size_t>(plan.packed_elements),
          .prepare =
              [plan, s](const T* w, T* packed, const Workers& workers) {
                pack_conv_weights(plan, WeightStrides::backward(s), w, packed, workers);
              }};
}

/// Only with tiles of 2×2, which keep equal inputs equal: a max pool that follows chooses as it would after
/// plain sums. The backward, after which nothing chooses, may round otherwise. (Tiles of 4×4 where no pool
/// follows made ResNet18 3 and ResNet50 1 % faster, and took ResNet50 with signs held from 8.9e-5 of PyTorch's
/// float64 to 1.1e-4: past the bar of 1e-4. 2026-11-28, EPYC, tests/pytorch/verify_matrix.py.)
template <class T>
Bound<ConvForward<T>> winograd_forward(const ConvSizes& s, const Machine& machine) {
  const WinogradPlan plan = plan_winograd<T>(s, Pass::forward, 2, machine.threads);
  return {.run =
              [plan](const T* x, const T* packed, const Epilogue<T>& epilogue, T* y, const Workers& workers) {
                WinogradProduct<T, 2, Epilogue<T>>(plan, x, packed, epilogue, y).run(workers);
              },
          .scratch = static_cast<std::size_t>(plan.scratch_elements()) * sizeof(T),
          .shared = static_cast<std::size_t>(plan.shared_elements()) * sizeof(T),
          .prepared = static_cast<std::size_t>(plan.packed_elements()),
          .prepare =
              [plan, s](const T* w, T* packed, const Workers& workers) {
                pack_winograd_weights<T, 2>(plan, s, Pass::forward, w, packed, workers);
              }};
}

template <class T, int m>
Bound<ConvBackwardData<T>> winograd_backward(const ConvSizes& s, const Machine& machine) {
  const WinogradPlan plan = plan_winograd<T>(s, Pass::backward, m, machine.threads);
  return {.run =
              [plan](const T* dy, const T* packed, T* dx, const Gate& gate, const Workers& workers) {
                WinogradProduct<T, m, Gate>(plan, dy, packed, gate, dx).run(workers);
              },
          .scratch = static_cast<std::size_t>(plan.scratch_elements()) * sizeof(T),
          .shared = static_cast<std::size_t>(plan.shared_elements()) * sizeof(T),
          .prepared = static_cast<std::size_t>(plan.packed_elements()),
          .prepare =
              [plan, s](const T* w, T* packed, const Workers& workers) {
                pack_winograd_weights<T, m>(plan, s, Pass::backward, w, packed, workers);
              }};
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
/// Exact where integers are summed: its points are 0 and ±1.
constexpr Arithmetic winograd2{.plain = false}, winograd4{.plain = false, .largest_error = 1e-5};
// Measured on the shapes of the ResNets and VGG: at 7×7 too much of the tiles is wasted, and reading the
// larger weights takes as long as what is saved; at 14×14 that holds for 4×4 tiles. The batch has no say, as
// an image's bits do not depend on it.
std::int64_t pixels(const ConvSizes& s) { return s.out_height * s.out_width; }
bool not_small(const ConvSizes& s) { return pixels(s) >= 100; }
bool large(const ConvSizes& s) { return pixels(s) >= 400; }
bool depthwise(const ConvSizes& s) { return compact(s) && s.group_in() == 1 && s.group_out() == 1; }
bool few_outputs(const ConvSizes& s) { return compact(s) && s.group_out() <= most_dots; }
bool few_inputs(const ConvSizes& s) { return compact(s) && s.group_in() <= most_dots; }

}  // namespace

BACKLIGHT_TABLE(ConvForward, {{"depthwise", forward<T, ConvLoop::depthwise>, depthwise},
                              {"dots", forward<T, ConvLoop::dots>, few_outputs},
                              {"winograd2", winograd_forward<T>, winograd, winograd2, not_small},
                              {"blocked", forward<T, ConvLoop::blocked>, compact},
                              {"ref", ref::conv_forward<T>}})

BACKLIGHT_TABLE(ConvBackwardData, {{"depthwise", backward_data<T, ConvLoop::depthwise>, depthwise},
                                   {"dots", backward_data<T, ConvLoop::dots>, few_inputs},
                                   {"winograd4", winograd_backward<T, 4>, winograd, winograd4, large},
                                   {"winograd2", winograd_backward<T, 2>, winograd, winograd2, not_small},
                                   {"blocked", backward_data<T, ConvLoop::blocked>, compact},
                                   {"ref", ref::conv_backward_data<T>}})

}  // namespace backlight::cpu
