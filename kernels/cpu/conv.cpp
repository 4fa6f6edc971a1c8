#include "kernels/cpu/conv_product.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

bool pointwise(const ConvSizes& s) {
  return s.taps() == 1 && s.stride_y == 1 && s.stride_x == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         s.out_height == s.in_height && s.out_width == s.in_width;
}

/// The element for output channel o and input channel c of group g.
std::int64_t weight_index(const ConvSizes& s, std::int64_t g, const Tap& tap, std::int64_t o,
                          std::int64_t c) {
  return (((g * s.group_out() + o) * s.group_in() + c) * s.kernel_height + tap.ky) * s.kernel_width + tap.kx;
}

template <class T, bool gathers>
Bound<ConvForward<T>> bind_forward(const ConvSizes& s, const Machine&) {
  const ConvProduct product = ConvProduct::forward(s, gathers);
  return {
      .run = [product](const T* x, const T* packed, const Epilogue<T>& epilogue, T* y,
                       const Workers& workers) { conv_product(product, x, packed, epilogue, y, workers); },
      .scratch = conv_scratch<T>(product),
      .prepared = static_cast<std::size_t>(s.weights()),
      .prepare =
          [product, s](const T* w, T* packed, const Workers& workers) {
            pack_conv_weights(
                product,
                [&](std::int64_t g, const Tap& tap, std::int64_t c, std::int64_t o) {
                  return w[weight_index(s, g, tap, o, c)];
                },
                packed, workers);
          }};
}

template <class T, bool gathers>
Bound<ConvBackwardData<T>> bind_backward_data(const ConvSizes& s, const Machine&) {
  const ConvProduct product = ConvProduct::backward(s, gathers);
  return {.run = [product](const T* dy, const T* packed, T* dx, const Gate& gate,
                           const Workers& workers) { conv_product(product, dy, packed, gate, dx, workers); },
          .scratch = conv_scratch<T>(product),
          .prepared = static_cast<std::size_t>(s.weights()),
          .prepare =
              [product, s](const T* w, T* packed, const Workers& workers) {
                pack_conv_weights(
                    product,
                    [&](std::int64_t g, const Tap& tap, std::int64_t o, std::int64_t c) {
                      return w[weight_index(s, g, tap, o, c)];
                    },
                    packed, workers);
              }};
}

}  // namespace

BACKLIGHT_TABLE(ConvForward, {{"pointwise", bind_forward<T, false>, pointwise},
                              {"im2col", bind_forward<T, true>},
                              {"ref", ref::conv_forward<T>}})

BACKLIGHT_TABLE(ConvBackwardData, {{"pointwise", bind_backward_data<T, false>, pointwise},
                                   {"im2col", bind_backward_data<T, true>},
                                   {"ref", ref::conv_backward_data<T>}})

}  // namespace backlight::cpu
