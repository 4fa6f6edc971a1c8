#pragma once

#include "kernels/conv.h"
#include "kernels/ref/epilogue.h"

namespace backlight::ref {

/// Calls visit(x index, w index) for every product of the sum in kernels/conv.h for y[n,oy,ox,o] that is
/// inside the image.
template <class Visit>
void for_each_conv_product(const ConvSizes& s, std::int64_t n, std::int64_t oy, std::int64_t ox,
                           std::int64_t o, Visit visit) {
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
      const std::int64_t iy = oy * s.stride_y - s.pad_top + ky * s.dilation_y;
      const std::int64_t ix = ox * s.stride_x - s.pad_left + kx * s.dilation_x;
      if (iy < 0 || iy >= s.in_height || ix < 0 || ix >= s.in_width) continue;
      const std::int64_t x =
          ((n * s.in_height + iy) * s.in_width + ix) * s.in_channels + o / s.group_out() * s.group_in();
      const std::int64_t w = (o * s.group_in() * s.kernel_height + ky) * s.kernel_width + kx;
      for (std::int64_t c = 0; c < s.group_in(); ++c) visit(x + c, w + c * s.taps());
    }
}

/// Calls visit(row, n, oy, ox) for every output pixel; its row is (n·H + oy)·W + ox.
template <class Visit>
void for_each_conv_output(const ConvSizes& s, Visit visit) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t oy = 0; oy < s.out_height; ++oy)
      for (std::int64_t ox = 0; ox < s.out_width; ++ox)
        visit((n * s.out_height + oy) * s.out_width + ox, n, oy, ox);
}

template <class T>
void conv_forward(const ConvSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
                  const Workers&) {
  for_each_conv_output(s, [&](std::int64_t row, std::int64_t n, std::int64_t oy, std::int64_t ox) {
    for (std::int64_t o = 0; o < s.out_channels; ++o) {
      T sum = 0;
      for_each_conv_product(s, n, oy, ox, o, [&](std::int64_t xi, std::int64_t wi) { sum += w[wi] * x[xi]; });
      finish(epilogue, s.out_channels, row, o, sum, y);
    }
  });
}

/// Σ_{ky,kx,o} w[o,c,ky,kx] · dy[n,oy,ox,o] over the outputs with oy·stride_y = iy + pad_top − ky·dilation_y,
/// and so in x.
template <class T>
T conv_data_gradient(const ConvSizes& s, const T* dy, const T* w, std::int64_t n, std::int64_t iy,
                     std::int64_t ix, std::int64_t c) {
  const std::int64_t first = c / s.group_in() * s.group_out();  // output channel of the group
  T sum = 0;
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
      const std::int64_t y = iy + s.pad_top - ky * s.dilation_y, x = ix + s.pad_left - kx * s.dilation_x;
      if (y < 0 || x < 0 || y % s.stride_y != 0 || x % s.stride_x != 0) continue;
      const std::int64_t oy = y / s.stride_y, ox = x / s.stride_x;
      if (oy >= s.out_height || ox >= s.out_width) continue;
      const T* gradient = dy + ((n * s.out_height + oy) * s.out_width + ox) * s.out_channels;
      for (std::int64_t o = first; o < first + s.group_out(); ++o)
        sum += w[((o * s.group_in() + c % s.group_in()) * s.kernel_height + ky) * s.kernel_width + kx] *
               gradient[o];
    }
  return sum;
}

template <class T>
void conv_backward_data(const ConvSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                        const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t iy = 0; iy < s.in_height; ++iy)
      for (std::int64_t ix = 0; ix < s.in_width; ++ix)
        for (std::int64_t c = 0; c < s.in_channels; ++c)
          finish(gate, s.in_channels, (n * s.in_height + iy) * s.in_width + ix, c,
                 conv_data_gradient(s, dy, w, n, iy, ix, c), dx);
}

template <class T>
void conv_backward_weights(const ConvSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                           const Workers&) {
  if (write == Write::set) {
    for (std::int64_t i = 0; i < s.weights(); ++i) dw[i] = 0;
    if (dbias)
      for (std::int64_t o = 0; o < s.out_channels; ++o) dbias[o] = 0;
  }
  for_each_conv_output(s, [&](std::int64_t row, std::int64_t n, std::int64_t oy, std::int64_t ox) {
    for (std::int64_t o = 0; o < s.out_channels; ++o) {
      const T g = dy[row * s.out_channels + o];
      for_each_conv_product(s, n, oy, ox, o, [&](std::int64_t xi, std::int64_t wi) { dw[wi] += x[xi] * g; });
      if (dbias) dbias[o] += g;
    }
  });
}

}  // namespace backlight::ref
