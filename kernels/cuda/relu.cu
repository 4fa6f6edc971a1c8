#include "kernels/cuda/index.h"

namespace backlight::BACKLIGHT_DEVICE {
namespace {

/// y = max(x, 0). Thirty-two threads vote [x > 0] at once; every eighth writes their byte of the mask.
template <class T>
__global__ void relu_forward_kernel(std::int64_t count, const T* x, T* y, std::uint8_t* mask) {
  const std::int64_t i = element_index();
  const T value = i < count ? x[i] : T(0);
  if (i < count) y[i] = value <= 0 ? T(0) : value;
  if (!mask) return;
  const unsigned votes = __ballot_sync(0xffffffffu, value > 0);
  if (i < count && i % 8 == 0) mask[i / 8] = static_cast<std::uint8_t>(votes >> threadIdx.x % 32);
}

__device__ inline bool bit(const std::uint8_t* mask, std::int64_t i) { return mask[i / 8] >> i % 8 & 1; }

template <class T>
__global__ void relu_replay_kernel(std::int64_t count, const T* x, const std::uint8_t* mask, T* y) {
  const std::int64_t i = element_index();
  if (i < count) y[i] = bit(mask, i) ? x[i] : T(0);
}

/// dx = g·[x>0]·[g>0], of which the gradient leaves out the second factor and deconvnet the first.
template <class T>
__global__ void relu_backward_kernel(std::int64_t count, ReluRule rule, const T* dy, const std::uint8_t* mask,
                                     T* dx, Write write) {
  const std::int64_t i = element_index();
  if (i >= count) return;
  const T g = dy[i];
  const bool passes = (rule == ReluRule::deconvnet || bit(mask, i)) && (rule == ReluRule::gradient || g > 0);
  put(dx + i, passes ? g : T(0), write);
}

}  // namespace

template <class T>
void relu_forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers& workers) {
  if (s.count == 0) return;
  launch(relu_forward_kernel<T>, blocks_for(s.count), block_threads, 0, stream_of(workers), s.count, x, y,
         mask);
}

template <class T>
void relu_replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers& workers) {
  if (s.count == 0) return;
  launch(relu_replay_kernel<T>, blocks_for(s.count), block_threads, 0, stream_of(workers), s.count, x, mask,
         y);
}

template <class T>
void relu_backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx,
                   Write write, const Workers& workers) {
  if (s.count == 0) return;
  launch(relu_backward_kernel<T>, blocks_for(s.count), block_threads, 0, stream_of(workers), s.count, rule,
         dy, mask, dx, write);
}

BACKLIGHT_INSTANTIATE(relu_forward)
BACKLIGHT_INSTANTIATE(relu_replay)
BACKLIGHT_INSTANTIATE(relu_backward)

}  // namespace backlight::BACKLIGHT_DEVICE
