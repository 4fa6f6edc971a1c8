#pragma once

#include "kernels/linear.h"
#include "kernels/ref/epilogue.h"

namespace backlight::ref {

template <class T>
void linear_forward(const LinearSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
                    const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t o = 0; o < s.out; ++o) {
      T sum = 0;
      for (std::int64_t i = 0; i < s.in; ++i) sum += w[o * s.in + i] * x[n * s.in + i];
      finish(epilogue, s.out, n, o, sum, y);
    }
}

template <class T>
void linear_backward_data(const LinearSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                          const Workers&) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t i = 0; i < s.in; ++i) {
      T sum = 0;
      for (std::int64_t o = 0; o < s.out; ++o) sum += w[o * s.in + i] * dy[n * s.out + o];
      finish(gate, s.in, n, i, sum, dx);
    }
}

template <class T>
void linear_backward_weights(const LinearSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                             const Workers&) {
  for (std::int64_t o = 0; o < s.out; ++o) {
    for (std::int64_t i = 0; i < s.in; ++i) {
      T sum = write == Write::add ? dw[o * s.in + i] : T(0);
      for (std::int64_t n = 0; n < s.batch; ++n) sum += dy[n * s.out + o] * x[n * s.in + i];
      dw[o * s.in + i] = sum;
    }
    if (!dbias) continue;
    T sum = write == Write::add ? dbias[o] : T(0);
    for (std::int64_t n = 0; n < s.batch; ++n) sum += dy[n * s.out + o];
    dbias[o] = sum;
  }
}

}  // namespace backlight::ref
