#pragma once

#include <cstdint>

#include "kernels/epilogue.h"

namespace backlight {

/// y[n,o] = Σ_i w[o,i] · x[n,i], with w as in the framework: O, I.
struct LinearSizes {
  std::int64_t batch = 1, in = 1, out = 1;
  /// Of one pass, forward or backward; a multiply-add is two.
  double flop() const { return 2.0 * static_cast<double>(batch * in) * static_cast<double>(out); }
};

/// y from x; the epilogue adds the bias and what else follows.
template <class T>
struct LinearForward {
  static constexpr auto name = "linear_forward";
  using Element = T;
  using Sizes = LinearSizes;
  using Run = void (*)(const LinearSizes&, const T* x, const T* w, const Epilogue<T>&, T* y, const Workers&);
};

/// dx[n,i] = Σ_o w[o,i] · dy[n,o].
template <class T>
struct LinearBackwardData {
  static constexpr auto name = "linear_backward_data";
  using Element = T;
  using Sizes = LinearSizes;
  using Run = void (*)(const LinearSizes&, const T* dy, const T* w, T* dx, const Gate&, const Workers&);
};

/// dw[o,i] = Σ_n dy[n,o] · x[n,i]; dbias[o] = Σ_n dy[n,o] (dbias may be null).
template <class T>
struct LinearBackwardWeights {
  static constexpr auto name = "linear_backward_weights";
  using Element = T;
  using Sizes = LinearSizes;
  using Run = void (*)(const LinearSizes&, const T* x, const T* dy, T* dw, T* dbias, Write, const Workers&);
};

}  // namespace backlight
