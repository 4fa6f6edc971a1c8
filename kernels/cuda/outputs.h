#pragma once

#include "kernels/cuda/index.h"

namespace backlight::BACKLIGHT_DEVICE {

// Where a finished sum goes. A product of matrices has one column per channel of a group and one row per
// pixel (of the weights' gradient: one row per output channel). Every thread of a warp calls an output
// together with the others, with `inside` false where it has no element.

/// Writes signs into a ReLU's mask. The channels that eight neighbouring lanes hold are eight neighbouring
/// ones of a row, from a multiple of eight: all vote at once, and the first of the eight writes their byte.
__device__ inline void write_signs(std::uint8_t* mask, std::int64_t row, std::int64_t channels,
                                   std::int64_t channel, bool inside, bool positive) {
  const unsigned lane = (threadIdx.y * blockDim.x + threadIdx.x) % 32;
  const unsigned votes = __ballot_sync(0xffffffffu, inside && positive);
  if (inside && lane % 8 == 0)
    mask[row * mask_row_bytes(channels) + channel / 8] = static_cast<std::uint8_t>(votes >> lane);
}

/// y of a forward, through the epilogue.
template <class T>
struct ForwardOutput {
  T* y;
  std::int64_t group_channels, channels;
  Epilogue<T> epilogue;

  __device__ void operator()(std::int64_t group, std::int64_t row, std::int64_t column, bool inside,
                             T sum) const {
    const std::int64_t channel = group * group_channels + column;
    bool positive = false;
    if (inside) {
      const std::int64_t element = row * channels + channel;
      const T value = epilogue.value(sum, element, channel);
      positive = epilogue.positive(value, mask_row(epilogue.held, row, channels), channel);
      y[element] = epilogue.result(value, positive);
    }
    if (epilogue.relu && epilogue.mask) write_signs(epilogue.mask, row, channels, channel, inside, positive);
  }
};

/// dx of a backward to the data, through the gate.
template <class T>
struct DataGradient {
  T* dx;
  std::int64_t group_channels, channels;
  Gate gate;

  __device__ void operator()(std::int64_t group, std::int64_t row, std::int64_t column, bool inside,
                             T sum) const {
    if (!inside) return;
    const std::int64_t channel = group * group_channels + column, element = row * channels + channel;
    const T before = gate.write == Write::add ? dx[element] : T(0);
    dx[element] = gate.result(sum, before, mask_row(gate.mask, row, channels), channel);
  }
};

/// dw of a backward to the weights: group after group, `rows` output channels of `columns` weights each.
template <class T>
struct WeightGradient {
  T* dw;
  std::int64_t rows, columns;
  Write write;

  __device__ void operator()(std::int64_t group, std::int64_t row, std::int64_t column, bool inside,
                             T sum) const {
    if (inside) put(dw + (group * rows + row) * columns + column, sum, write);
  }
};

}  // namespace backlight::BACKLIGHT_DEVICE
