#include "kernels/cuda/rectify.h"

namespace backlight::BACKLIGHT_DEVICE {
namespace {

template <class T>
void relu_forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers& workers) {
  rectify<T>(s, x, y, mask, nullptr, workers);
}

template <class T>
void relu_replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers& workers) {
  rectify<T>(s, x, y, nullptr, mask, workers);
}

template <class T>
__global__ void relu_backward_kernel(ReluSizes s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx,
                                     Write write) {
  const std::int64_t i = element_index(), row = i / s.channels, channel = i % s.channels;
  if (row >= s.rows) return;
  const bool positive = rule == ReluRule::deconvnet || mask_bit(mask_row(mask, row, s.channels), channel);
  put(dx + i, relu_gradient(rule, dy[i], positive), write);
}

template <class T>
void relu_backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx,
                   Write write, const Workers& workers) {
  if (s.count() == 0) return;
  launch(relu_backward_kernel<T>, blocks_for(s.count()), block_threads, 0, stream_of(workers), s, rule, dy,
         mask, dx, write);
}

}  // namespace

BACKLIGHT_TABLE(ReluForward, {{"simple", relu_forward<T>}})
BACKLIGHT_TABLE(ReluReplay, {{"simple", relu_replay<T>}})
BACKLIGHT_TABLE(ReluBackward, {{"simple", relu_backward<T>}})

}  // namespace backlight::BACKLIGHT_DEVICE
