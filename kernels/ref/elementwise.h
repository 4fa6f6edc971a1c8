#pragma once

#include "kernels/elementwise.h"

namespace backlight::ref {

template <class T>
void add(const ElementwiseSizes& s, const T* a, const T* b, T* y, const Workers&) {
  for (std::int64_t i = 0; i < s.count; ++i) y[i] = a[i] + b[i];
}

template <class T>
void accumulate(const ElementwiseSizes& s, const T* x, T* y, Write write, const Workers&) {
  for (std::int64_t i = 0; i < s.count; ++i) y[i] = write == Write::add ? y[i] + x[i] : x[i];
}

}  // namespace backlight::ref
