#pragma once

#include <cstdint>

#include "kernels/epilogue.h"

namespace backlight {

/// Two-dimensional convolution (cross-correlation, as in every deep-learning framework):
///
///   y[n,oy,ox,o] = Σ_{ky,kx,c} w[o,c,ky,kx] · x[n, oy·stride_y − pad_top + ky·dilation_y,
///                                                          ox·stride_x − pad_left + kx·dilation_x, g·C/G +
///                                                          c]
///
/// with g the group of output channel o, and x zero outside the image. Padding at the bottom and at the right
/// is what the output size implies. Activations are stored channels last (N,H,W,C), weights as in the
/// framework: O, C/G, KH, KW.
struct ConvSizes {
  std::int64_t batch = 1;
  std::int64_t in_height = 1, in_width = 1, in_channels = 1;
  std::int64_t out_height = 1, out_width = 1, out_channels = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_y = 1, stride_x = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t dilation_y = 1, dilation_x = 1;
  std::int64_t groups = 1;

  std::int64_t group_in() const { return in_channels / groups; }
  std::int64_t group_out() const { return out_channels / groups; }
  std::int64_t taps() const { return kernel_height * kernel_width; }
  std::int64_t weights() const { return out_channels * group_in() * taps(); }
  /// Of one pass, forward or backward, padding counted; a multiply-add is two.
  double flop() const {
    return 2.0 * static_cast<double>(batch * out_height * out_width) * static_cast<double>(weights());
  }
};

/// y from x; the epilogue adds the bias and what else follows.
template <class T>
struct ConvForward {
  static constexpr auto name = "conv_forward";
  using Element = T;
  using Sizes = ConvSizes;
  using Run = void (*)(const ConvSizes&, const T* x, const T* w, const Epilogue<T>&, T* y, const Workers&);
};

/// dx[n,iy,ix,c] = Σ over the outputs that read x[n,iy,ix,c] of w · dy: the adjoint of the forward in x.
template <class T>
struct ConvBackwardData {
  static constexpr auto name = "conv_backward_data";
  using Element = T;
  using Sizes = ConvSizes;
  using Run = void (*)(const ConvSizes&, const T* dy, const T* w, T* dx, const Gate&, const Workers&);
};

/// dw[o,c,ky,kx] = Σ_{n,oy,ox} dy[n,oy,ox,o] · x[…]; dbias[o] = Σ_{n,oy,ox} dy[n,oy,ox,o] (dbias may be
/// null).
template <class T>
struct ConvBackwardWeights {
  static constexpr auto name = "conv_backward_weights";
  using Element = T;
  using Sizes = ConvSizes;
  using Run = void (*)(const ConvSizes&, const T* x, const T* dy, T* dw, T* dbias, Write, const Workers&);
};

}  // namespace backlight
