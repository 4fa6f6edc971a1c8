#pragma once

// Eigen would start threads of its own wherever it is called outside a parallel region, however many a
// session was given.
#define EIGEN_DONT_PARALLELIZE
// Its way through small products fuses multiply and add or not, by where the result lies in memory: never
// take it.
#define EIGEN_GEMM_TO_COEFFBASED_THRESHOLD 0
#include <Eigen/Core>
#include <cstdint>

namespace backlight::cpu {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A view of a row-major matrix whose rows are `stride` elements apart.
template <class T>
Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>> matrix(T* data, std::int64_t rows, std::int64_t columns,
                                                        std::int64_t stride) {
  return {data, rows, columns, Eigen::OuterStride<>(stride)};
}
template <class T>
Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>> matrix(const T* data, std::int64_t rows,
                                                              std::int64_t columns, std::int64_t stride) {
  return {data, rows, columns, Eigen::OuterStride<>(stride)};
}

}  // namespace backlight::cpu
