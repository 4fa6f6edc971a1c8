#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

/// One step of gradient descent for `count` elements of a parameter.
struct UpdateSizes {
  std::int64_t count = 0;
};

/// Stochastic gradient descent with momentum and weight decay, as torch.optim.SGD (dampening 0, no Nesterov):
///   g = dw + decay·w,   velocity = momentum·velocity + g,   w −= rate·velocity
/// A velocity of zeros is the start. (Polyak 1964; Sutskever et al. 2013.)
template <class T>
struct SgdUpdate {
  static constexpr auto name = "sgd_update";
  using Element = T;
  using Sizes = UpdateSizes;
  struct Rates {
    double rate, momentum, decay;
  };
  using Run = void (*)(const UpdateSizes&, const Rates&, const T* dw, T* velocity, T* w, const Workers&);
};

/// Adam with decoupled weight decay (Loshchilov & Hutter 2017, arXiv 1711.05101, algorithm 2), as
/// torch.optim.AdamW:
///   w −= rate·decay·w
///   m = β₁·m + (1 − β₁)·dw,   v = β₂·v + (1 − β₂)·dw²
///   w −= rate/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
/// with t the number of the step, from 1. Zeros in m and v are the start.
template <class T>
struct AdamWUpdate {
  static constexpr auto name = "adamw_update";
  using Element = T;
  using Sizes = UpdateSizes;
  struct Rates {
    double rate, beta1, beta2, epsilon, decay;
    std::int64_t step;
  };
  using Run = void (*)(const UpdateSizes&, const Rates&, const T* dw, T* m, T* v, T* w, const Workers&);
};

}  // namespace backlight
