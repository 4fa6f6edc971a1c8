#pragma once

#include <cstdint>

#include "kernels/cuda/kernels.h"
#include "kernels/simt/simt.h"

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

}  // namespace backlight::BACKLIGHT_DEVICE
