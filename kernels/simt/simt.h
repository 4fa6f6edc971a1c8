#pragma once

// One kernel source, two compilers. Under nvcc this header is CUDA. Under the C++ compiler it is a small GPU:
// every CUDA thread is a fiber, a barrier or a warp operation switches fibers, and the blocks of a grid run
// one after another on each host thread. So the whole CUDA path is tested where there is no GPU, and better
// watched than on one:
//   - a barrier that not every thread reaches is an error that names the barrier's line, the block and
//     the counts;
//   - shared memory starts as NaN (all bits one), and with AddressSanitizer every array of it lies between
//     poisoned bytes;
//   - the threads of a block run in ascending or in descending order: a correct kernel gives the same bits in
//     both.
//
// What differs from plain CUDA in a .cu file:
//   launch(kernel, grid, block, shared_bytes, stream_of(workers), arguments…)  for kernel<<<…>>>(arguments…)
//   SIMT_SHARED(float, tile, [16][17]);                     for __shared__ float tile[16][17];
//   SIMT_DYNAMIC_SHARED(float, buffer);                     for extern __shared__ float buffer[];

#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "kernels/implementation.h"

#if defined(__CUDACC__)

#include <cuda_runtime.h>

#define SIMT_SHARED(T, name, dimensions) __shared__ T name dimensions
#define SIMT_DYNAMIC_SHARED(T, name)                                  \
  extern __shared__ __align__(16) unsigned char simt_dynamic_bytes[]; \
  T* name = reinterpret_cast<T*>(simt_dynamic_bytes)

namespace backlight::cuda {

inline cudaStream_t stream_of(const Workers&) { return nullptr; }

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            cudaStream_t stream, Arguments... arguments) {
  kernel<<<grid, block, shared_bytes, stream>>>(static_cast<Parameters>(arguments)...);
  if (const cudaError_t status = cudaGetLastError(); status != cudaSuccess)
    throw std::runtime_error(cudaGetErrorString(status));
}

}  // namespace backlight::cuda

#else

#include <cstring>
#include <functional>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

#define SIMT_SHARED(T, name, dimensions) \
  static const char name##_declared = 0; \
  T(&name)                               \
  dimensions =                           \
      *static_cast<T(*) dimensions>(::backlight::simt::shared_array(&name##_declared, sizeof(T dimensions)))
#define SIMT_DYNAMIC_SHARED(T, name) T* name = static_cast<T*>(::backlight::simt::dynamic_shared())

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

namespace backlight::simt {

/// A fault of a kernel or of its launch: a divergent barrier, a block or a grid larger than CUDA allows.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// In which order the threads of a block run between two barriers. Set it while no kernel runs.
enum class Schedule { forward, reverse };
inline Schedule schedule = Schedule::forward;

/// What a stream is here: on how many host threads the blocks of a grid may run. No result depends on it.
struct Stream {
  int host_threads = 1;
};
inline Stream stream_of(const Workers& workers) { return {workers.threads}; }

/// What threadIdx, blockIdx, blockDim and gridDim read.
struct Coordinates {
  dim3 thread, block, block_size, grid_size;
};
inline constinit thread_local Coordinates coordinates{};

/// Where a thread waits for others: the operation and its line, and for a warp operation the lanes that take
/// part.
struct Meeting {
  const char* operation = nullptr;
  const char* file = nullptr;
  int line = 0;
  unsigned lanes = 0;  // 0: the whole block
  bool operator==(const Meeting&) const = default;
};

/// Waits until everybody has come to the meeting.
void meet(const Meeting& meeting);
/// The same for a warp operation where each brings a value. `lane_value` then tells what a lane of the warp
/// brought: all bits one for a lane that does not take part (on a GPU: undefined).
void meet(const Meeting& meeting, std::uint64_t value);
std::uint64_t lane_value(unsigned lane);
/// Bit i: lane i takes part and brought a 1.
unsigned lane_votes();
unsigned lane_index();

void* shared_array(const void* declaration, std::size_t bytes);
void* dynamic_shared();

/// Runs `thread` once for every thread of the grid. An exception that a thread throws ends the grid and comes
/// out here: that of the first block, and there of the thread that threw first.
void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, Stream stream,
              const std::function<void()>& thread);

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes, Stream stream,
            Arguments... arguments) {
  run_grid(grid, block, shared_bytes, stream, [&] { kernel(static_cast<Parameters>(arguments)...); });
}

template <class T>
T shuffle(const Meeting& meeting, T value, unsigned source) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  meet(meeting, bits);
  bits = lane_value(source);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace backlight::simt

#define threadIdx (::backlight::simt::coordinates.thread)
#define blockIdx (::backlight::simt::coordinates.block)
#define blockDim (::backlight::simt::coordinates.block_size)
#define gridDim (::backlight::simt::coordinates.grid_size)

// As in the CUDA C++ Programming Guide, "C++ language extensions": synchronisation, vote and shuffle
// functions. The last two arguments of each are the line that calls it.
inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  backlight::simt::meet({"__syncthreads", file, line, 0});
}
inline void __syncwarp(unsigned lanes = 0xffffffffu, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) {
  backlight::simt::meet({"__syncwarp", file, line, lanes}, 0);
}
inline unsigned __ballot_sync(unsigned lanes, int vote, const char* file = __builtin_FILE(),
                              int line = __builtin_LINE()) {
  backlight::simt::meet({"__ballot_sync", file, line, lanes}, vote != 0);
  return backlight::simt::lane_votes();
}
template <class T>
T __shfl_sync(unsigned lanes, T value, int source, int width = 32, const char* file = __builtin_FILE(),
              int line = __builtin_LINE()) {
  const unsigned first = backlight::simt::lane_index() & ~(width - 1u);
  return backlight::simt::shuffle({"__shfl_sync", file, line, lanes}, value, first + (source & (width - 1u)));
}
template <class T>
T __shfl_up_sync(unsigned lanes, T value, unsigned delta, int width = 32, const char* file = __builtin_FILE(),
                 int line = __builtin_LINE()) {
  const unsigned lane = backlight::simt::lane_index(), within = lane & (width - 1u);
  return backlight::simt::shuffle({"__shfl_up_sync", file, line, lanes}, value,
                                  within < delta ? lane : lane - delta);
}
template <class T>
T __shfl_down_sync(unsigned lanes, T value, unsigned delta, int width = 32,
                   const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const unsigned lane = backlight::simt::lane_index(), within = lane & (width - 1u);
  return backlight::simt::shuffle({"__shfl_down_sync", file, line, lanes}, value,
                                  within + delta < static_cast<unsigned>(width) ? lane + delta : lane);
}
template <class T>
T __shfl_xor_sync(unsigned lanes, T value, int bits, int width = 32, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  // A partner in a later segment than one's own is not read: one's own value comes back.
  const unsigned lane = backlight::simt::lane_index(), partner = lane ^ static_cast<unsigned>(bits);
  return backlight::simt::shuffle({"__shfl_xor_sync", file, line, lanes}, value,
                                  partner / width > lane / width ? lane : partner);
}

#endif
