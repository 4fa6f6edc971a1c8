#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

/// Pooling over windows of one channel; activations are stored channels last (N,H,W,C). With ceil mode the
/// last windows may reach past the padding: what the output size implies.
struct PoolSizes {
  std::int64_t batch = 1;
  std::int64_t in_height = 1, in_width = 1, channels = 1;
  std::int64_t out_height = 1, out_width = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_y = 1, stride_x = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t pad_bottom = 0, pad_right = 0;  // only average pooling's divisor reads these two
  bool count_padding = true;  // average pooling: padding counts in the divisor, as in PyTorch's default

  std::int64_t outputs() const { return batch * out_height * out_width * channels; }
};

/// y = the largest value of the window, and winner = ky·kernel_width + kx of the *first* largest in row-major
/// order, as in PyTorch (a NaN wins). One byte per window: kernel_height·kernel_width ≤ 256. `winners` may be
/// null.
template <class T>
struct MaxPoolForward {
  static constexpr auto name = "max_pool_forward";
  using Element = T;
  using Sizes = PoolSizes;
  using Run = void (*)(const PoolSizes&, const T* x, T* y, std::uint8_t* winners, const Workers&);
};

/// y = the value of the window at its stored winner: the forward with its winners held.
template <class T>
struct MaxPoolReplay {
  static constexpr auto name = "max_pool_replay";
  using Element = T;
  using Sizes = PoolSizes;
  using Run = void (*)(const PoolSizes&, const T* x, const std::uint8_t* winners, T* y, const Workers&);
};

/// dx[n,iy,ix,c] = Σ of dy over the windows whose winner is this element, gathered in row-major order of the
/// windows: no atomics where windows overlap, and the same bits every time.
template <class T>
struct MaxPoolBackward {
  static constexpr auto name = "max_pool_backward";
  using Element = T;
  using Sizes = PoolSizes;
  using Run = void (*)(const PoolSizes&, const T* dy, const std::uint8_t* winners, T* dx, Write,
                       const Workers&);
};

/// y = Σ window / divisor. The divisor is the number of the window's elements inside the padded image, or
/// inside the image alone where padding does not count (PyTorch's rule, which ceil mode needs).
template <class T>
struct AveragePoolForward {
  static constexpr auto name = "average_pool_forward";
  using Element = T;
  using Sizes = PoolSizes;
  using Run = void (*)(const PoolSizes&, const T* x, T* y, const Workers&);
};

/// dx[n,iy,ix,c] = Σ over the windows that hold it of dy / divisor.
template <class T>
struct AveragePoolBackward {
  static constexpr auto name = "average_pool_backward";
  using Element = T;
  using Sizes = PoolSizes;
  using Run = void (*)(const PoolSizes&, const T* dy, T* dx, Write, const Workers&);
};

}  // namespace backlight
