#include "kernels/cpu/conv_pack.h"
#include "kernels/cpu/conv_product.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

/// The element for output channel o and input channel c of group g.
std::int64_t weight_index(const ConvSizes& s, std::int64_t g, const Tap& tap, std::int64_t o,
                          std::int64_t c) {
  return (((g * s.group_out() + o) * s.group_in() + c) * s.kernel_height + tap.ky) * s.kernel_width + tap.kx;
}

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
                const auto weight = [&](std::int64_t g, const Tap& tap, std::int64_t c, std::int64_t o) {
                  return w[weight_index(s, g, tap, o, c)];
                };
                pack_conv_weights(plan, weight, packed, workers);
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
                const auto weight = [&](std::int64_t g, const Tap& tap, std::int64_t o, std::int64_t c) {
                  return w[weight_index(s, g, tap, o, c)];
                };
                pack_conv_weights(plan, weight, packed, workers);
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
bool depthwise(const ConvSizes& s) { return compact(s) && s.group_in() == 1 && s.group_out() == 1; }
bool few_outputs(const ConvSizes& s) { return compact(s) && s.group_out() <= most_dots; }
bool few_inputs(const ConvSizes& s) { return compact(s) && s.group_in() <= most_dots; }

}  // namespace

BACKLIGHT_TABLE(ConvForward, {{"depthwise", forward<T, ConvLoop::depthwise>, depthwise},
                              {"dots", forward<T, ConvLoop::dots>, few_outputs},
                              {"blocked", forward<T, ConvLoop::blocked>, compact},
                              {"ref", ref::conv_forward<T>}})

BACKLIGHT_TABLE(ConvBackwardData, {{"depthwise", backward_data<T, ConvLoop::depthwise>, depthwise},
                                   {"dots", backward_data<T, ConvLoop::dots>, few_inputs},
                                   {"blocked", backward_data<T, ConvLoop::blocked>, compact},
                                   {"ref", ref::conv_backward_data<T>}})

}  // namespace backlight::cpu
