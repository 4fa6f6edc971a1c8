#pragma once

#include <cmath>

#include "kernels/channel.h"

namespace backlight::ref {

template <class T>
void channel_affine(const ChannelSizes& s, const T* x, const T* scale, const T* shift, T* y, Write write,
                    const Workers&) {
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const std::int64_t i = r * s.channels + c;
      const T value = shift ? x[i] * scale[c] + shift[c] : x[i] * scale[c];
      y[i] = write == Write::add ? y[i] + value : value;
    }
}

template <class T>
void norm_scale(const ChannelSizes& s, const T* gamma, const T* beta, const T* mean, const T* variance,
                double epsilon, T* scale, T* shift, T* inverse_deviation, const Workers&) {
  for (std::int64_t c = 0; c < s.channels; ++c) {
    const T inverse = T(1) / std::sqrt(variance[c] + static_cast<T>(epsilon));
    scale[c] = gamma[c] * inverse;
    shift[c] = beta[c] - mean[c] * scale[c];
    if (inverse_deviation) inverse_deviation[c] = inverse;
  }
}

template <class T>
void running_moments(const ChannelSizes& s, const T* mean, const T* variance, double momentum,
                     T* running_mean, T* running_variance, const Workers&) {
  const T m = static_cast<T>(momentum);
  const T unbiased = s.rows > 1 ? static_cast<T>(s.rows) / static_cast<T>(s.rows - 1) : T(1);
  for (std::int64_t c = 0; c < s.channels; ++c) {
    running_mean[c] = (T(1) - m) * running_mean[c] + m * mean[c];
    running_variance[c] = (T(1) - m) * running_variance[c] + m * (variance[c] * unbiased);
  }
}

template <class T>
void channel_moments(const ChannelSizes& s, const T* x, T* mean, T* variance, const Workers&) {
  const T rows = static_cast<T>(s.rows);
  for (std::int64_t c = 0; c < s.channels; ++c) {
    T sum = 0, squares = 0;
    for (std::int64_t r = 0; r < s.rows; ++r) sum += x[r * s.channels + c];
    mean[c] = sum / rows;
    for (std::int64_t r = 0; r < s.rows; ++r) {
      const T d = x[r * s.channels + c] - mean[c];
      squares += d * d;
    }
    variance[c] = squares / rows;
  }
}

template <class T>
void norm_gradient_sums(const ChannelSizes& s, const T* x, const T* dy, const T* mean,
                        const T* inverse_deviation, T* sum, T* dot, const Workers&) {
  for (std::int64_t c = 0; c < s.channels; ++c) {
    T total = 0, product = 0;
    for (std::int64_t r = 0; r < s.rows; ++r) {
      const std::int64_t i = r * s.channels + c;
      total += dy[i];
      product += dy[i] * (x[i] - mean[c]);
    }
    sum[c] = total;
    dot[c] = product * inverse_deviation[c];
  }
}

template <class T>
void norm_backward(const ChannelSizes& s, const T* x, const T* dy, const T* mean, const T* inverse_deviation,
                   const T* scale, const T* sum, const T* dot, T* dx, Write write, const Workers&) {
  const T rows = static_cast<T>(s.rows);
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const std::int64_t i = r * s.channels + c;
      const T normalized = (x[i] - mean[c]) * inverse_deviation[c];
      const T value = scale[c] * (dy[i] - sum[c] / rows - normalized * (dot[c] / rows));
      dx[i] = write == Write::add ? dx[i] + value : value;
    }
}

}  // namespace backlight::ref
