// The SIMT shim itself: what a kernel may rely on, and which faults of a kernel it reports.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/simt/simt.h"
#include "simt_schedule.h"

using namespace backlight;
using simt::launch;
using simt::Schedule;
using simt::Stream;

namespace {

constexpr unsigned all = 0xffffffffu;

template <class Body>
void in_both_schedules(Body body) {
  for (const Schedule schedule : {Schedule::forward, Schedule::reverse}) {
    simt::ScheduleScope scope(schedule);
    body();
  }
}

/// What a launch reports, or "" where it ends well.
template <class Launch>
std::string fault(Launch launch_it) {
  try {
    launch_it();
    return "";
  } catch (const simt::Error& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

__global__ void coordinates_kernel(unsigned* out) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] += 1 + block * 1000 + thread;
}

/// Each thread hands its number to its neighbour through shared memory, `rounds` times.
template <bool second_barrier>
__global__ void rotate_kernel(int rounds, int* out) {
  SIMT_SHARED(int, cell, [64]);
  const unsigned i = threadIdx.x;
  int value = static_cast<int>(i);
  for (int round = 0; round < rounds; ++round) {
    cell[i] = value;
    __syncthreads();
    value = cell[(i + 1) % 64];
    if (second_barrier) __syncthreads();
  }
  out[i] = value;
}

__global__ void reverse_kernel(const double* x, double* y) {
  SIMT_DYNAMIC_SHARED(double, buffer);
  buffer[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
  __syncthreads();
  y[blockIdx.x * blockDim.x + threadIdx.x] = buffer[blockDim.x - 1 - threadIdx.x];
}

__global__ void fresh_shared_kernel(float* out) {
  SIMT_SHARED(float, fixed, [32]);
  SIMT_DYNAMIC_SHARED(float, dynamic);
  out[(blockIdx.x * 32 + threadIdx.x) * 2] = fixed[threadIdx.x];
  out[(blockIdx.x * 32 + threadIdx.x) * 2 + 1] = dynamic[threadIdx.x];
  __syncthreads();
  fixed[threadIdx.x] = dynamic[threadIdx.x] = 1;
}

__global__ void early_return_kernel(float* out) {
  if (threadIdx.x >= 7) return;
  __syncthreads();
  out[threadIdx.x] = 1;
}

__global__ void two_barriers_kernel() {
  if (threadIdx.x < 10)
    __syncthreads();
  else
    __syncthreads();
}

/// Sums x over a block in the way of every CUDA tutorial: within the warps, then the first warp alone over
/// their sums.
__global__ void block_sum_kernel(const double* x, double* sum) {
  SIMT_SHARED(double, part, [32]);
  double value = x[blockIdx.x * blockDim.x + threadIdx.x];
  for (int offset = 16; offset; offset /= 2) value += __shfl_down_sync(all, value, offset);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x >= 32) return;
  value = threadIdx.x < blockDim.x / 32 ? part[threadIdx.x] : 0;
  for (int offset = 16; offset; offset /= 2) value += __shfl_down_sync(all, value, offset);
  if (threadIdx.x == 0) sum[blockIdx.x] = value;
}

struct Shuffled {
  int index, up, down, exclusive_or, index8, up8, down8, exclusive_or8;
};

__global__ void shuffle_kernel(Shuffled* out) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  out[threadIdx.x] = {__shfl_sync(all, lane, 5),         __shfl_up_sync(all, lane, 3),
                      __shfl_down_sync(all, lane, 3),    __shfl_xor_sync(all, lane, 1),
                      __shfl_sync(all, lane, 5, 8),      __shfl_up_sync(all, lane, 3, 8),
                      __shfl_down_sync(all, lane, 3, 8), __shfl_xor_sync(all, lane, 1, 8)};
}

__global__ void half_warp_kernel(unsigned* out) {
  if (threadIdx.x % 2) {
    out[threadIdx.x] = __ballot_sync(0xaaaaaaaau, threadIdx.x > 8);
  } else {
    __syncwarp(0x55555555u);
    out[threadIdx.x] = __shfl_sync(0x55555555u, threadIdx.x, 6) + 100;
  }
}

__global__ void absent_lane_kernel(float* out) { out[threadIdx.x] = __shfl_xor_sync(all, 1.0f, 16); }

__global__ void divergent_ballot_kernel() {
  if (threadIdx.x != 3) __ballot_sync(all, 1);
}

__global__ void wrong_mask_kernel() { __syncwarp(0xffu); }

__global__ void throwing_kernel(int block) {
  SIMT_SHARED(int, cell, [1]);
  const std::vector<int> on_the_heap(3);  // is destroyed when the block is abandoned (the leak check looks)
  cell[0] = 0;
  __syncthreads();
  if (static_cast<int>(blockIdx.x) >= block && threadIdx.x == 5)
    throw std::domain_error("block " + std::to_string(blockIdx.x));
  __syncthreads();
}

__global__ void greedy_kernel() {
  SIMT_SHARED(double, tile, [100][64]);
  tile[0][0] = 0;
}

}  // namespace

TEST_CASE("simt: every thread of every block runs once, with its coordinates") {
  in_both_schedules([] {
    for (const int host_threads : {1, 3}) {
      std::vector<unsigned> out(2 * 3 * 2 * 4 * 2 * 3);
      launch(coordinates_kernel, dim3(2, 3, 2), dim3(4, 2, 3), 0, Stream{host_threads}, out.data());
      for (unsigned i = 0; i < out.size(); ++i) CHECK(out[i] == 1 + i / 24 * 1000 + i % 24);
    }
  });
}

TEST_CASE("simt: a barrier orders shared memory, in both schedules") {
  in_both_schedules([] {
    std::vector<int> out(64);
    launch(rotate_kernel<true>, dim3(1), dim3(64), 0, Stream{}, 5, out.data());
    for (int i = 0; i < 64; ++i) CHECK(out[static_cast<std::size_t>(i)] == (i + 5) % 64);
  });
}

TEST_CASE("simt: a missing barrier shows as a difference between the schedules") {
  std::vector<std::vector<int>> outs;
  in_both_schedules([&] {
    outs.emplace_back(64);
    launch(rotate_kernel<false>, dim3(1), dim3(64), 0, Stream{}, 5, outs.back().data());
  });
  CHECK(outs[0] != outs[1]);
}

TEST_CASE("simt: dynamic shared memory") {
  std::vector<double> x(3 * 40), y(3 * 40);
  std::iota(x.begin(), x.end(), 0);
  in_both_schedules([&] {
    launch(reverse_kernel, dim3(3), dim3(40), 40 * sizeof(double), Stream{2}, x.data(), y.data());
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == x[i / 40 * 40 + 39 - i % 40]);
  });
}

TEST_CASE("simt: shared memory is NaN when a block begins") {
  std::vector<float> out(3 * 32 * 2);
  launch(fresh_shared_kernel, dim3(3), dim3(32), 32 * sizeof(float), Stream{}, out.data());
  for (const float value : out) CHECK(std::isnan(value));
}

TEST_CASE("simt: a divergent barrier is reported with its line, its block and the counts") {
  std::vector<float> out(32);
  in_both_schedules([&] {
    const std::string early =
        fault([&] { launch(early_return_kernel, dim3(2), dim3(32), 0, Stream{2}, out.data()); });
    CHECK(contains(early, "divergent __syncthreads at simt_shim_test.cpp:"));
    CHECK(contains(early, "in block (0,0,0): 7 of 32 threads reached it, 25 had ended, 0 wait elsewhere"));
    const std::string elsewhere = fault([] { launch(two_barriers_kernel, dim3(1), dim3(32), 0, Stream{}); });
    CHECK(contains(elsewhere, "10 of 32 threads reached it, 0 had ended, 22 wait elsewhere"));
    const std::string ballot = fault([] { launch(divergent_ballot_kernel, dim3(1), dim3(64), 0, Stream{}); });
    CHECK(contains(ballot, "divergent __ballot_sync at simt_shim_test.cpp:"));
    CHECK(contains(ballot, "31 of 64 threads reached it"));
    CHECK(contains(fault([] { launch(wrong_mask_kernel, dim3(1), dim3(32), 0, Stream{}); }),
                   "mask leaves out"));
  });
  // The processor is whole after a failure.
  std::vector<int> rotated(64);
  launch(rotate_kernel<true>, dim3(1), dim3(64), 0, Stream{}, 1, rotated.data());
  CHECK(rotated[63] == 0);
}

TEST_CASE("simt: warps go their own way between block barriers") {
  std::vector<double> x(2 * 256), sum(2);
  std::iota(x.begin(), x.end(), 0);
  in_both_schedules([&] {
    launch(block_sum_kernel, dim3(2), dim3(256), 0, Stream{}, x.data(), sum.data());
    CHECK(sum[0] == 255 * 256 / 2);
    CHECK(sum[1] == 255 * 256 / 2 + 256 * 256);
  });
}

TEST_CASE("simt: shuffles by index, up, down and exclusive or, whole warps and segments of eight") {
  in_both_schedules([] {
    std::vector<Shuffled> out(64);
    launch(shuffle_kernel, dim3(1), dim3(64), 0, Stream{}, out.data());
    for (int i = 0; i < 64; ++i) {
      const int lane = i % 32, in8 = lane % 8;
      const Shuffled& s = out[static_cast<std::size_t>(i)];
      CHECK(s.index == 5);
      CHECK(s.up == (lane < 3 ? lane : lane - 3));
      CHECK(s.down == (lane > 28 ? lane : lane + 3));
      CHECK(s.exclusive_or == (lane ^ 1));
      CHECK(s.index8 == lane - in8 + 5);
      CHECK(s.up8 == (in8 < 3 ? lane : lane - 3));
      CHECK(s.down8 == (in8 > 4 ? lane : lane + 3));
      CHECK(s.exclusive_or8 == (lane ^ 1));
    }
  });
}

TEST_CASE("simt: parts of a warp meet on their own; a lane that takes no part shuffles NaN") {
  in_both_schedules([] {
    std::vector<unsigned> out(32);
    launch(half_warp_kernel, dim3(1), dim3(32), 0, Stream{}, out.data());
    for (unsigned i = 0; i < 32; ++i) CHECK(out[i] == (i % 2 ? 0xaaaaaa00u : 106u));
    std::vector<float> absent(20);
    launch(absent_lane_kernel, dim3(1), dim3(20), 0, Stream{}, absent.data());
    for (std::size_t i = 0; i < 20; ++i) CHECK(std::isnan(absent[i]) == (i >= 4 && i < 16));
  });
}

TEST_CASE("simt: an exception in a kernel comes out of the launch, that of the lowest block") {
  for (const int host_threads : {1, 2, 3})
    CHECK_THROWS_WITH_AS(launch(throwing_kernel, dim3(9), dim3(64), 0, Stream{host_threads}, 2), "block 2",
                         std::domain_error);
}

TEST_CASE("simt: launches that CUDA would refuse are refused") {
  CHECK(contains(fault([] { launch(two_barriers_kernel, dim3(0), dim3(32), 0, Stream{}); }), "grid"));
  CHECK(contains(fault([] { launch(two_barriers_kernel, dim3(1, 65536), dim3(32), 0, Stream{}); }), "grid"));
  CHECK(contains(fault([] { launch(two_barriers_kernel, dim3(1), dim3(33, 32), 0, Stream{}); }), "block"));
  CHECK(contains(fault([] { launch(greedy_kernel, dim3(1), dim3(1), 0, Stream{}); }), "shared memory"));
  CHECK(contains(fault([] { __syncthreads(); }), "outside a kernel"));
}
