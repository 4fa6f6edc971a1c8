#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

struct ElementwiseSizes {
  std::int64_t count = 0;
};

/// y = a + b. y may be a or b.
template <class T>
struct Add {
  static constexpr auto name = "add";
  using Element = T;
  using Sizes = ElementwiseSizes;
  using Run = void (*)(const ElementwiseSizes&, const T* a, const T* b, T* y, const Workers&);
};

/// y = x or y += x: what the backward of a residual join sends to each of its inputs.
template <class T>
struct Accumulate {
  static constexpr auto name = "accumulate";
  using Element = T;
  using Sizes = ElementwiseSizes;
  using Run = void (*)(const ElementwiseSizes&, const T* x, T* y, Write, const Workers&);
};

}  // namespace backlight
