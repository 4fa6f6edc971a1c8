#pragma once

#include <vector>

#include "kernels/epilogue.h"

namespace backlight::ref {

/// y from the finished sums, element by element.
template <class T>
void finish(const Epilogue<T>& e, const std::vector<T>& sums, std::int64_t channels, T* y) {
  const std::int64_t rows = static_cast<std::int64_t>(sums.size()) / channels,
                     bytes = mask_row_bytes(channels);
  for (std::int64_t b = 0; e.mask && b < rows * bytes; ++b) e.mask[b] = 0;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t i = r * channels + c;
      const T value = e.value(sums[i], i, c);
      const bool positive = e.positive(value, e.held ? e.held + r * bytes : nullptr, c);
      if (e.mask && positive) set_mask_bit(e.mask + r * bytes, c);
      y[i] = e.result(value, positive);
    }
}

/// dx from the finished sums and what it held, element by element.
template <class T>
void finish(const Gate& gate, const std::vector<T>& sums, std::int64_t channels, T* dx) {
  const std::int64_t rows = static_cast<std::int64_t>(sums.size()) / channels;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t i = r * channels + c;
      const T before = gate.write == Write::add ? dx[i] : T(0);
      dx[i] = gate.result(sums[i], before, gate.mask ? gate.mask + r * mask_row_bytes(channels) : nullptr, c);
    }
}

}  // namespace backlight::ref
