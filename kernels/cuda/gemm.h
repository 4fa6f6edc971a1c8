#pragma once

#include "kernels/cuda/outputs.h"

namespace backlight::BACKLIGHT_DEVICE {

// One matrix product for every layer that is one:
//
//   output(group, row, column) = Σ_k left(group, row, k) · right(group, column, k)      in ascending k
//
// What differs is where the numbers lie. An operand says how to read (group, outer, k), be it a matrix or a
// convolution's patches, gathered as they are read; it also says whether its neighbours in memory lie along
// k, so that the threads of a warp read them together. An output (outputs.h) takes a finished sum. Both are
// plain structs, passed by value.

constexpr int gemm_tile = 64;                     // rows and columns of the product that a block makes
constexpr int gemm_depth = 16;                    // of the sum, at a time in shared memory
constexpr int gemm_side = 16;                     // 16×16 threads …
constexpr int gemm_each = gemm_tile / gemm_side;  // … with 4×4 sums in registers each
static_assert(gemm_side % 8 == 0);  // eight lanes with eight neighbouring columns: a mask's byte

/// A matrix in memory: groups, rows and columns with strides.
template <class T>
struct MatrixOperand {
  const T* data;
  std::int64_t group_stride, outer_stride, k_stride;

  __device__ bool along_k() const { return k_stride == 1; }
  __device__ T operator()(std::int64_t group, std::int64_t outer, std::int64_t k) const {
    return data[group * group_stride + outer * outer_stride + k * k_stride];
  }
};

struct GemmSizes {
  std::int64_t groups, rows, columns, depth;
};

template <class T, class Operand>
__device__ void load_tile(const Operand& operand, std::int64_t group, std::int64_t outer0,
                          std::int64_t outer_end, std::int64_t k0, std::int64_t k_end,
                          T (&tile)[gemm_depth][gemm_tile + 1]) {
  const int thread = static_cast<int>(threadIdx.y * gemm_side + threadIdx.x);
  const bool along_k = operand.along_k();
  for (int e = thread; e < gemm_depth * gemm_tile; e += gemm_side * gemm_side) {
    const int k = along_k ? e % gemm_depth : e / gemm_tile;
    const int outer = along_k ? e / gemm_depth : e % gemm_tile;
    const bool inside = outer0 + outer < outer_end && k0 + k < k_end;
    tile[k][outer] = inside ? operand(group, outer0 + outer, k0 + k) : T(0);
  }
}

template <class T, class Left, class Right, class Output>
__global__ void gemm_kernel(GemmSizes s, Left left, Right right, Output output) {
  SIMT_SHARED(T, left_tile, [gemm_depth][gemm_tile + 1]);
  SIMT_SHARED(T, right_tile, [gemm_depth][gemm_tile + 1]);
  const std::int64_t group = blockIdx.z;
  const std::int64_t row0 = std::int64_t{blockIdx.x} * gemm_tile,
                     column0 = std::int64_t{blockIdx.y} * gemm_tile;
  const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);

  T sum[gemm_each][gemm_each] = {};
  for (std::int64_t k0 = 0; k0 < s.depth; k0 += gemm_depth) {
    load_tile(left, group, row0, s.rows, k0, s.depth, left_tile);
    load_tile(right, group, column0, s.columns, k0, s.depth, right_tile);
    __syncthreads();
    for (int k = 0; k < gemm_depth; ++k)
      for (int i = 0; i < gemm_each; ++i)
        for (int j = 0; j < gemm_each; ++j)
          sum[i][j] += left_tile[k][ty + i * gemm_side] * right_tile[k][tx + j * gemm_side];
    __syncthreads();
  }

  for (int i = 0; i < gemm_each; ++i)
    for (int j = 0; j < gemm_each; ++j) {
      const std::int64_t row = row0 + ty + i * gemm_side, column = column0 + tx + j * gemm_side;
      output(group, row, column, row < s.rows && column < s.columns, sum[i][j]);
    }
}

template <class T, class Left, class Right, class Output>
void gemm(const GemmSizes& s, const Left& left, const Right& right, const Output& output,
          const Workers& workers) {
  if (s.groups == 0 || s.rows == 0 || s.columns == 0) return;
  const auto tiles = [](std::int64_t n) { return static_cast<unsigned>((n + gemm_tile - 1) / gemm_tile); };
  launch(gemm_kernel<T, Left, Right, Output>,
         dim3(tiles(s.rows), tiles(s.columns), static_cast<unsigned>(s.groups)), dim3(gemm_side, gemm_side),
         0, stream_of(workers), s, left, right, output);
}

/// sums[c] = Σ_r matrix[r][c] in ascending r: the gradient of a bias. One thread per column.
template <class T>
__global__ void column_sums_kernel(std::int64_t rows, std::int64_t columns, const T* matrix, T* sums,
                                   Write write) {
  const std::int64_t column = element_index();
  if (column >= columns) return;
  T sum = 0;
  for (std::int64_t r = 0; r < rows; ++r) sum += matrix[r * columns + column];
  put(sums + column, sum, write);
}

template <class T>
void column_sums(std::int64_t rows, std::int64_t columns, const T* matrix, T* sums, Write write,
                 const Workers& workers) {
  if (columns == 0) return;
  launch(column_sums_kernel<T>, blocks_for(columns), block_threads, 0, stream_of(workers), rows, columns,
         matrix, sums, write);
}

}  // namespace backlight::BACKLIGHT_DEVICE
