#pragma once

#include "kernels/cuda/outputs.h"

namespace backlight::BACKLIGHT_DEVICE {

/// One thread per bit of the mask, the unused ones at the ends of the rows too: so the lanes of a warp hold
/// whole bytes of it.
template <class T>
__global__ void rectify_kernel(ReluSizes s, const T* x, ForwardOutput<T> output) {
  const std::int64_t row_bits = mask_row_bytes(s.channels) * 8;
  const std::int64_t row = element_index() / row_bits, channel = element_index() % row_bits;
  const bool inside = row < s.rows && channel < s.channels;
  output(0, row, channel, inside, inside ? x[row * s.channels + channel] : T(0));
}

/// A ReLU by itself, with its signs written or held: the epilogue of a sum that is x. y may be x.
template <class T>
void rectify(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const std::uint8_t* held,
             const Workers& workers) {
  if (s.count() == 0) return;
  launch(rectify_kernel<T>, blocks_for(s.mask_bytes() * 8), block_threads, 0, stream_of(workers), s, x,
         ForwardOutput<T>{y, s.channels, s.channels, {.relu = true, .mask = mask, .held = held}});
}

}  // namespace backlight::BACKLIGHT_DEVICE
