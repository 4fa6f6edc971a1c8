#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

struct SoftmaxSizes {
  std::int64_t batch = 1, classes = 1;
};

/// p[n,k] = exp(x[n,k] − max) / Σ_j exp(x[n,j] − max).
template <class T>
struct SoftmaxForward {
  static constexpr auto name = "softmax_forward";
  using Element = T;
  using Sizes = SoftmaxSizes;
  using Run = void (*)(const SoftmaxSizes&, const T* x, T* p, const Workers&);
};

/// dx[n,k] = p[n,k]·(dp[n,k] − Σ_j dp[n,j]·p[n,j]).
template <class T>
struct SoftmaxBackward {
  static constexpr auto name = "softmax_backward";
  using Element = T;
  using Sizes = SoftmaxSizes;
  using Run = void (*)(const SoftmaxSizes&, const T* p, const T* dp, T* dx, Write, const Workers&);
};

/// loss[n] = log Σ_j exp(x[n,j]) − x[n,label[n]], and p = softmax(x) for the backward (may be null). Labels
/// are class indices stored as T; for one that is no class the
/// loss is NaN.
template <class T>
struct CrossEntropyForward {
  static constexpr auto name = "cross_entropy_forward";
  using Element = T;
  using Sizes = SoftmaxSizes;
  using Run = void (*)(const SoftmaxSizes&, const T* x, const T* label, T* loss, T* p, const Workers&);
};

/// dx[n,k] = dloss[n]·(p[n,k] − [k = label[n]]).
template <class T>
struct CrossEntropyBackward {
  static constexpr auto name = "cross_entropy_backward";
  using Element = T;
  using Sizes = SoftmaxSizes;
  using Run = void (*)(const SoftmaxSizes&, const T* p, const T* label, const T* dloss, T* dx, Write,
                       const Workers&);
};

/// loss[n] = −Σ_k target[n,k]·log p[n,k] with p = softmax(x), for targets that are shares of classes: mixed
/// pictures, smoothed labels. p is kept for the backward (may be null).
template <class T>
struct SoftCrossEntropyForward {
  static constexpr auto name = "soft_cross_entropy_forward";
  using Element = T;
  using Sizes = SoftmaxSizes;
  using Run = void (*)(const SoftmaxSizes&, const T* x, const T* target, T* loss, T* p, const Workers&);
};

/// dx[n,k] = dloss[n]·(p[n,k]·Σ_j target[n,j] − target[n,k]).
template <class T>
struct SoftCrossEntropyBackward {
  static constexpr auto name = "soft_cross_entropy_backward";
  using Element = T;
  using Sizes = SoftmaxSizes;
  using Run = void (*)(const SoftmaxSizes&, const T* p, const T* target, const T* dloss, T* dx, Write,
                       const Workers&);
};

}  // namespace backlight
