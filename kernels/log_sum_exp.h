#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace backlight {

/// log Σ_k exp(x[k]), taken from the largest down so that nothing overflows. Where `p` is not null, also
/// p[k] = exp(x[k]) / Σ exp(x); it may be x itself.
template <class T>
T log_sum_exp(const T* x, std::int64_t count, T* p = nullptr) {
  const T largest = *std::max_element(x, x + count);
  T sum = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    const T term = std::exp(x[k] - largest);
    sum += term;
    if (p) p[k] = term;
  }
  for (std::int64_t k = 0; p && k < count; ++k) p[k] /= sum;
  return std::log(sum) + largest;
}

/// The same of a span, which becomes the shares.
template <class T>
T log_sum_exp(std::span<T> x) {
  return log_sum_exp(x.data(), std::ssize(x), x.data());
}

}  // namespace backlight
