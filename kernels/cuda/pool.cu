#include "kernels/cuda/index.h"

namespace backlight::BACKLIGHT_DEVICE {
namespace {

/// Where element i of a channels-last tensor N,H,W,C lies.
struct Place {
  std::int64_t n, y, x, c;
};

__device__ inline Place place(std::int64_t i, std::int64_t height, std::int64_t width,
                              std::int64_t channels) {
  const std::int64_t pixel = i / channels;
  return {pixel / width / height, pixel / width % height, pixel % width, i % channels};
}

__device__ inline std::int64_t input_index(const PoolSizes& s, const Place& window, std::int64_t iy,
                                           std::int64_t ix) {
  return ((window.n * s.in_height + iy) * s.in_width + ix) * s.channels + window.c;
}

/// One thread per window. The first largest value wins; a NaN wins over all that is not NaN.
template <class T>
__global__ void max_pool_forward_kernel(PoolSizes s, std::int64_t count, const T* x, T* y,
                                        std::uint8_t* winners) {
  const std::int64_t i = element_index();
  if (i >= count) return;
  const Place window = place(i, s.out_height, s.out_width, s.channels);
  T best = 0;
  std::int64_t winner = -1;
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
      const std::int64_t iy = window.y * s.stride_y - s.pad_top + ky,
                         ix = window.x * s.stride_x - s.pad_left + kx;
      if (iy < 0 || iy >= s.in_height || ix < 0 || ix >= s.in_width) continue;
      const T value = x[input_index(s, window, iy, ix)];
      if (winner >= 0 && !(value > best || (value != value && best == best))) continue;
      best = value;
      winner = ky * s.kernel_width + kx;
    }
  y[i] = best;
  if (winners) winners[i] = static_cast<std::uint8_t>(winner);
}

template <class T>
__global__ void max_pool_replay_kernel(PoolSizes s, std::int64_t count, const T* x,
                                       const std::uint8_t* winners, T* y) {
  const std::int64_t i = element_index();
  if (i >= count) return;
  const Place window = place(i, s.out_height, s.out_width, s.channels);
  const std::int64_t ky = winners[i] / s.kernel_width, kx = winners[i] % s.kernel_width;
  y[i] = x[input_index(s, window, window.y * s.stride_y - s.pad_top + ky,
                       window.x * s.stride_x - s.pad_left + kx)];
}

/// The windows that hold a padded coordinate are `first` to `last` along one axis (none where last < first).
struct Range {
  std::int64_t first, last;
};

__device__ inline Range windows_of(std::int64_t padded, std::int64_t kernel, std::int64_t stride,
                                   std::int64_t outputs) {
  const std::int64_t first = padded < kernel ? 0 : (padded - kernel) / stride + 1, last = padded / stride;
  return {first, last < outputs ? last : outputs - 1};
}

/// One thread per input element, which gathers what its windows send back in row-major order: no atomics.
template <class T>
__global__ void max_pool_backward_kernel(PoolSizes s, std::int64_t count, const T* dy,
                                         const std::uint8_t* winners, T* dx, Write write) {
  const std::int64_t i = element_index();
  if (i >= count) return;
  const Place at = place(i, s.in_height, s.in_width, s.channels);
  const std::int64_t padded_y = at.y + s.pad_top, padded_x = at.x + s.pad_left;
  const Range rows = windows_of(padded_y, s.kernel_height, s.stride_y, s.out_height);
  const Range columns = windows_of(padded_x, s.kernel_width, s.stride_x, s.out_width);
  T sum = 0;
  for (std::int64_t oy = rows.first; oy <= rows.last; ++oy)
    for (std::int64_t ox = columns.first; ox <= columns.last; ++ox) {
      const std::int64_t tap = (padded_y - oy * s.stride_y) * s.kernel_width + padded_x - ox * s.stride_x;
      const std::int64_t output = ((at.n * s.out_height + oy) * s.out_width + ox) * s.channels + at.c;
      if (winners[output] == tap) sum += dy[output];
    }
  put(dx + i, sum, write);
}

template <class T>
void max_pool_forward(const PoolSizes& s, const T* x, T* y, std::uint8_t* winners, const Workers& workers) {
  const std::int64_t count = s.outputs();
  if (count == 0) return;
  launch(max_pool_forward_kernel<T>, blocks_for(count), block_threads, 0, stream_of(workers), s, count, x, y,
         winners);
}

template <class T>
void max_pool_replay(const PoolSizes& s, const T* x, const std::uint8_t* winners, T* y,
                     const Workers& workers) {
  const std::int64_t count = s.outputs();
  if (count == 0) return;
  launch(max_pool_replay_kernel<T>, blocks_for(count), block_threads, 0, stream_of(workers), s, count, x,
         winners, y);
}

template <class T>
void max_pool_backward(const PoolSizes& s, const T* dy, const std::uint8_t* winners, T* dx, Write write,
                       const Workers& workers) {
  const std::int64_t count = s.batch * s.in_height * s.in_width * s.channels;
  if (count == 0) return;
  launch(max_pool_backward_kernel<T>, blocks_for(count), block_threads, 0, stream_of(workers), s, count, dy,
         winners, dx, write);
}

}  // namespace

BACKLIGHT_TABLE(MaxPoolForward, {{"simple", max_pool_forward<T>}})
BACKLIGHT_TABLE(MaxPoolReplay, {{"simple", max_pool_replay<T>}})
BACKLIGHT_TABLE(MaxPoolBackward, {{"simple", max_pool_backward<T>}})

}  // namespace backlight::BACKLIGHT_DEVICE
