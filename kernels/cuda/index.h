#pragma once

#include <cstdint>

#include "kernels/cuda/device.h"

namespace backlight::BACKLIGHT_DEVICE {

/// Kernels with one thread per element: how many blocks they need, and which element a thread has.
constexpr unsigned block_threads = 256;

inline dim3 blocks_for(std::int64_t count) {
  return dim3(static_cast<unsigned>((count + block_threads - 1) / block_threads));
}

__device__ inline std::int64_t element_index() {
  return std::int64_t{blockIdx.x} * block_threads + threadIdx.x;
}

/// Sets or adds, as a backward contract asks.
template <class T>
__device__ void put(T* target, T value, Write write) {
  *target = write == Write::add ? *target + value : value;
}

/// The signs of a row of a ReLU's mask; null where there is no mask.
__device__ inline const std::uint8_t* mask_row(const std::uint8_t* mask, std::int64_t row,
                                               std::int64_t channels) {
  return mask ? mask + row * mask_row_bytes(channels) : nullptr;
}

}  // namespace backlight::BACKLIGHT_DEVICE
