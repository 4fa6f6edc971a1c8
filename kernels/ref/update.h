#pragma once

#include <cmath>

#include "kernels/update.h"

namespace backlight::ref {

template <class T>
void sgd_update(const UpdateSizes& s, const typename SgdUpdate<T>::Rates& r, const T* dw, T* velocity, T* w,
                const Workers&) {
  const T rate = static_cast<T>(r.rate), momentum = static_cast<T>(r.momentum),
          decay = static_cast<T>(r.decay);
  for (std::int64_t i = 0; i < s.count; ++i) {
    velocity[i] = momentum * velocity[i] + (dw[i] + decay * w[i]);
    w[i] -= rate * velocity[i];
  }
}

template <class T>
void adamw_update(const UpdateSizes& s, const typename AdamWUpdate<T>::Rates& r, const T* dw, T* m, T* v,
                  T* w, const Workers&) {
  const double t = static_cast<double>(r.step);
  const T shrink = static_cast<T>(1 - r.rate * r.decay);
  const T beta1 = static_cast<T>(r.beta1), beta2 = static_cast<T>(r.beta2);
  const T rest1 = static_cast<T>(1 - r.beta1), rest2 = static_cast<T>(1 - r.beta2);
  const T rate = static_cast<T>(r.rate / (1 - std::pow(r.beta1, t)));
  const T correction = static_cast<T>(std::sqrt(1 - std::pow(r.beta2, t))),
          epsilon = static_cast<T>(r.epsilon);
  for (std::int64_t i = 0; i < s.count; ++i) {
    m[i] = beta1 * m[i] + rest1 * dw[i];
    v[i] = beta2 * v[i] + rest2 * dw[i] * dw[i];
    w[i] = w[i] * shrink - rate * m[i] / (std::sqrt(v[i]) / correction + epsilon);
  }
}

}  // namespace backlight::ref
