#pragma once

#include <limits>

#include "kernels/log_sum_exp.h"
#include "kernels/softmax.h"

namespace backlight::ref {

template <class T>
void softmax_forward(const SoftmaxSizes& s, const T* x, T* p, const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n) log_sum_exp(x + n * s.classes, s.classes, p + n * s.classes);
}

template <class T>
void softmax_backward(const SoftmaxSizes& s, const T* p, const T* dp, T* dx, Write write, const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n, p += s.classes, dp += s.classes, dx += s.classes) {
    T dot = 0;
    for (std::int64_t k = 0; k < s.classes; ++k) dot += dp[k] * p[k];
    for (std::int64_t k = 0; k < s.classes; ++k) {
      const T value = p[k] * (dp[k] - dot);
      dx[k] = write == Write::add ? dx[k] + value : value;
    }
  }
}

template <class T>
void cross_entropy_forward(const SoftmaxSizes& s, const T* x, const T* label, T* loss, T* p, const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n) {
    const T* row = x + n * s.classes;
    const T log_sum = log_sum_exp(row, s.classes, p ? p + n * s.classes : nullptr);
    const bool is_class = label[n] >= 0 && label[n] < static_cast<T>(s.classes);
    loss[n] =
        is_class ? log_sum - row[static_cast<std::int64_t>(label[n])] : std::numeric_limits<T>::quiet_NaN();
  }
}

template <class T>
void cross_entropy_backward(const SoftmaxSizes& s, const T* p, const T* label, const T* dloss, T* dx,
                            Write write, const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t k = 0; k < s.classes; ++k) {
      const std::int64_t i = n * s.classes + k;
      const T value = dloss[n] * (p[i] - (k == static_cast<std::int64_t>(label[n]) ? T(1) : T(0)));
      dx[i] = write == Write::add ? dx[i] + value : value;
    }
}

template <class T>
void soft_cross_entropy_forward(const SoftmaxSizes& s, const T* x, const T* target, T* loss, T* p,
                                const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n) {
    const T *row = x + n * s.classes, *share = target + n * s.classes;
    const T log_sum = log_sum_exp(row, s.classes, p ? p + n * s.classes : nullptr);
    loss[n] = 0;
    for (std::int64_t k = 0; k < s.classes; ++k) loss[n] += share[k] * (log_sum - row[k]);
  }
}

template <class T>
void soft_cross_entropy_backward(const SoftmaxSizes& s, const T* p, const T* target, const T* dloss, T* dx,
                                 Write write, const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n, p += s.classes, target += s.classes, dx += s.classes) {
    T all = 0;
    for (std::int64_t k = 0; k < s.classes; ++k) all += target[k];
    for (std::int64_t k = 0; k < s.classes; ++k) {
      const T value = dloss[n] * (p[k] * all - target[k]);
      dx[k] = write == Write::add ? dx[k] + value : value;
    }
  }
}

}  // namespace backlight::ref
