#pragma once

#include "kernels/linear.h"
#include "kernels/ref/epilogue.h"

namespace backlight::ref {

template <class T>
void linear_forward(const LinearSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
                    const Workers&) {
  std::vector<T> sums(static_cast<std::size_t>(s.batch * s.out));
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t o = 0; o < s.out; ++o)
      for (std::int64_t i = 0; i < s.in; ++i) sums[n * s.out + o] += w[o * s.in + i] * x[n * s.in + i];
  finish(epilogue, sums, s.out, y);
}

template <class T>
void linear_backward_data(const LinearSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                          const Workers&) {
  std::vector<T> sums(static_cast<std::size_t>(s.batch * s.in));
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t i = 0; i < s.in; ++i)
      for (std::int64_t o = 0; o < s.out; ++o) sums[n * s.in + i] += w[o * s.in + i] * dy[n * s.out + o];
  finish(gate, sums, s.in, dx);
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
