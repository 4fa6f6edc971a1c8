#pragma once

#include "kernels/conv.h"
#include "kernels/ref/epilogue.h"

namespace backlight::ref {

/// Calls visit(x index, w index, y index) for every product of the sum in kernels/conv.h that is inside the
/// image.
template <class Visit>
void for_each_conv_product(const ConvSizes& s, Visit visit) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t oy = 0; oy < s.out_height; ++oy)
      for (std::int64_t ox = 0; ox < s.out_width; ++ox)
        for (std::int64_t o = 0; o < s.out_channels; ++o)
          for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
            for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
              const std::int64_t iy = oy * s.stride_y - s.pad_top + ky * s.dilation_y;
              const std::int64_t ix = ox * s.stride_x - s.pad_left + kx * s.dilation_x;
              if (iy < 0 || iy >= s.in_height || ix < 0 || ix >= s.in_width) continue;
              const std::int64_t y = ((n * s.out_height + oy) * s.out_width + ox) * s.out_channels + o;
              const std::int64_t x = ((n * s.in_height + iy) * s.in_width + ix) * s.in_channels +
                                     o / s.group_out() * s.group_in();
              const std::int64_t w = (o * s.group_in() * s.kernel_height + ky) * s.kernel_width + kx;
              for (std::int64_t c = 0; c < s.group_in(); ++c) visit(x + c, w + c * s.taps(), y);
            }
}

template <class T>
void conv_forward(const ConvSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
                  const Workers&) {
  std::vector<T> sums(static_cast<std::size_t>(s.batch * s.out_height * s.out_width * s.out_channels));
  for_each_conv_product(
      s, [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) { sums[yi] += w[wi] * x[xi]; });
  finish(epilogue, sums, s.out_channels, y);
}

template <class T>
void conv_backward_data(const ConvSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                        const Workers&) {
  std::vector<T> sums(static_cast<std::size_t>(s.batch * s.in_height * s.in_width * s.in_channels));
  for_each_conv_product(
      s, [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) { sums[xi] += w[wi] * dy[yi]; });
  finish(gate, sums, s.in_channels, dx);
}

template <class T>
void conv_backward_weights(const ConvSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                           const Workers&) {
  if (write == Write::set) {
    for (std::int64_t i = 0; i < s.weights(); ++i) dw[i] = 0;
    if (dbias)
      for (std::int64_t o = 0; o < s.out_channels; ++o) dbias[o] = 0;
  }
  for_each_conv_product(s,
                        [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) { dw[wi] += x[xi] * dy[yi]; });
  if (!dbias) return;
  for (std::int64_t r = 0; r < s.batch * s.out_height * s.out_width; ++r)
    for (std::int64_t o = 0; o < s.out_channels; ++o) dbias[o] += dy[r * s.out_channels + o];
}

}  // namespace backlight::ref
