#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

/// What a ReLU sends back, with x its input and g the gradient that comes in from above:
///
///   gradient   g·[x>0]           the derivative
///   deconvnet  g·[g>0]           Zeiler & Fergus 2013, arXiv 1311.2901
///   guided     g·[x>0]·[g>0]     Springenberg et al. 2014, arXiv 1412.6806
enum class ReluRule : std::uint8_t { gradient, guided, deconvnet };

struct ReluSizes {
  std::int64_t count = 0;  // elements
  std::int64_t mask_bytes() const { return (count + 7) / 8; }
};

/// y = max(x, 0) (a NaN stays a NaN), and bit i%8 of mask[i/8] = [x_i > 0]. `mask` may be null; the unused
/// bits of its last byte are 0. y may be x.
template <class T>
struct ReluForward {
  static constexpr auto name = "relu_forward";
  using Element = T;
  using Sizes = ReluSizes;
  using Run = void (*)(const ReluSizes&, const T* x, T* y, std::uint8_t* mask, const Workers&);
};

/// y_i = x_i where bit i of the mask is set, else 0: the forward with its signs held. y may be x.
template <class T>
struct ReluReplay {
  static constexpr auto name = "relu_replay";
  using Element = T;
  using Sizes = ReluSizes;
  using Run = void (*)(const ReluSizes&, const T* x, const std::uint8_t* mask, T* y, const Workers&);
};

/// dx from dy by the rule; bit i of the mask says [x_i > 0] (deconvnet does not read it: it may then be
/// null). dx may be dy where it is set.
template <class T>
struct ReluBackward {
  static constexpr auto name = "relu_backward";
  using Element = T;
  using Sizes = ReluSizes;
  using Run = void (*)(const ReluSizes&, ReluRule, const T* dy, const std::uint8_t* mask, T* dx, Write,
                       const Workers&);
};

}  // namespace backlight
