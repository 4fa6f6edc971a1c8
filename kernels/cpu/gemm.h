#pragma once

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
