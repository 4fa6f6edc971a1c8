#pragma once

#include <algorithm>

#include "kernels/pool.h"

namespace backlight::ref {

/// The part of one window that lies inside the image, and its first tap.
struct PoolWindow {
  std::int64_t top, bottom, left, right;  // rows [top, bottom), columns [left, right) of the input
  std::int64_t origin_y, origin_x;        // where tap (0,0) would be: may lie in the padding
};

inline PoolWindow pool_window(const PoolSizes& s, std::int64_t oy, std::int64_t ox) {
  const std::int64_t y = oy * s.stride_y - s.pad_top, x = ox * s.stride_x - s.pad_left;
  return {std::max<std::int64_t>(y, 0),
          std::min(y + s.kernel_height, s.in_height),
          std::max<std::int64_t>(x, 0),
          std::min(x + s.kernel_width, s.in_width),
          y,
          x};
}

/// The number of elements that an average divides by.
inline std::int64_t pool_divisor(const PoolSizes& s, const PoolWindow& w) {
  if (!s.count_padding) return (w.bottom - w.top) * (w.right - w.left);
  const std::int64_t bottom = std::min(w.origin_y + s.kernel_height, s.in_height + s.pad_bottom);
  const std::int64_t right = std::min(w.origin_x + s.kernel_width, s.in_width + s.pad_right);
  return (bottom - w.origin_y) * (right - w.origin_x);
}

/// Calls visit(window, n, output index of channel 0) for every window.
template <class Visit>
void for_each_window(const PoolSizes& s, Visit visit) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t oy = 0; oy < s.out_height; ++oy)
      for (std::int64_t ox = 0; ox < s.out_width; ++ox)
        visit(pool_window(s, oy, ox), n, ((n * s.out_height + oy) * s.out_width + ox) * s.channels);
}

inline std::int64_t input_index(const PoolSizes& s, std::int64_t n, std::int64_t iy, std::int64_t ix) {
  return ((n * s.in_height + iy) * s.in_width + ix) * s.channels;
}

/// The input index of the stored winner of channel 0's window.
inline std::int64_t winner_index(const PoolSizes& s, const PoolWindow& w, std::int64_t n,
                                 std::uint8_t winner) {
  return input_index(s, n, w.origin_y + winner / s.kernel_width, w.origin_x + winner % s.kernel_width);
}

template <class T>
void max_pool_forward(const PoolSizes& s, const T* x, T* y, std::uint8_t* winners, const Workers&) {
  for_each_window(s, [&](const PoolWindow& w, std::int64_t n, std::int64_t out) {
    for (std::int64_t c = 0; c < s.channels; ++c) {
      T best = x[input_index(s, n, w.top, w.left) + c];
      std::int64_t by = w.top, bx = w.left;
      for (std::int64_t iy = w.top; iy < w.bottom; ++iy)
        for (std::int64_t ix = w.left; ix < w.right; ++ix) {
          const T value = x[input_index(s, n, iy, ix) + c];
          if (value > best || (value != value && best == best)) best = value, by = iy, bx = ix;
        }
      y[out + c] = best;
      if (winners)
        winners[out + c] = static_cast<std::uint8_t>((by - w.origin_y) * s.kernel_width + bx - w.origin_x);
    }
  });
}

template <class T>
void max_pool_replay(const PoolSizes& s, const T* x, const std::uint8_t* winners, T* y, const Workers&) {
  for_each_window(s, [&](const PoolWindow& w, std::int64_t n, std::int64_t out) {
    for (std::int64_t c = 0; c < s.channels; ++c) y[out + c] = x[winner_index(s, w, n, winners[out + c]) + c];
  });
}

template <class T>
void clear_unless_added(const PoolSizes& s, T* dx, Write write) {
  if (write == Write::set) std::fill_n(dx, s.batch * s.in_height * s.in_width * s.channels, T(0));
}

template <class T>
void max_pool_backward(const PoolSizes& s, const T* dy, const std::uint8_t* winners, T* dx, Write write,
                       const Workers&) {
  clear_unless_added(s, dx, write);
  for_each_window(s, [&](const PoolWindow& w, std::int64_t n, std::int64_t out) {
    for (std::int64_t c = 0; c < s.channels; ++c)
      dx[winner_index(s, w, n, winners[out + c]) + c] += dy[out + c];
  });
}

template <class T>
void average_pool_forward(const PoolSizes& s, const T* x, T* y, const Workers&) {
  for_each_window(s, [&](const PoolWindow& w, std::int64_t n, std::int64_t out) {
    for (std::int64_t c = 0; c < s.channels; ++c) {
      T sum = 0;
      for (std::int64_t iy = w.top; iy < w.bottom; ++iy)
        for (std::int64_t ix = w.left; ix < w.right; ++ix) sum += x[input_index(s, n, iy, ix) + c];
      y[out + c] = sum / static_cast<T>(pool_divisor(s, w));
    }
  });
}

template <class T>
void average_pool_backward(const PoolSizes& s, const T* dy, T* dx, Write write, const Workers&) {
  clear_unless_added(s, dx, write);
  for_each_window(s, [&](const PoolWindow& w, std::int64_t n, std::int64_t out) {
    for (std::int64_t iy = w.top; iy < w.bottom; ++iy)
      for (std::int64_t ix = w.left; ix < w.right; ++ix)
        for (std::int64_t c = 0; c < s.channels; ++c)
          dx[input_index(s, n, iy, ix) + c] += dy[out + c] / static_cast<T>(pool_divisor(s, w));
  });
}

}  // namespace backlight::ref
