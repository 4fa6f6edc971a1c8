#pragma once

#include <cstdint>

#include "kernels/host_device.h"
#include "kernels/implementation.h"
#include "kernels/relu.h"

namespace backlight {

/// What becomes of a finished sum of a convolution or linear layer before it is written, element by element,
/// while it is still in a register. Every kernel calls this; none has a copy.
///
///   forward    v = Σ + bias[o] + residual[r,o];   y = v, or with `relu` y = v·[v>0] and its sign is saved
template <class T>
struct Epilogue {
  const T* bias = nullptr;      // a number per output channel; null: none
  const T* residual = nullptr;  // laid out as y (it may be y); null: none
  bool relu = false;
  std::uint8_t* mask = nullptr;        // laid out as kernels/relu.h says; null: nobody will read it
  const std::uint8_t* held = nullptr;  // signs that replace [v>0] (the mask of an earlier run); null: none

  /// v of row r and channel o.
  BACKLIGHT_HOST_DEVICE T value(T sum, std::int64_t element, std::int64_t channel) const {
    if (bias) sum += bias[channel];
    if (residual) sum += residual[element];
    return sum;
  }
  /// [v>0], or the sign that is held.
  BACKLIGHT_HOST_DEVICE bool positive(T value, const std::uint8_t* held_row, std::int64_t channel) const {
    return held ? mask_bit(held_row, channel) : value > 0;
  }
  /// y from v: a NaN stays a NaN, unless a held sign says 0.
  BACKLIGHT_HOST_DEVICE T result(T value, bool positive) const {
    if (!relu) return value;
    if (held) return positive ? value : T(0);
    return value <= 0 ? T(0) : value;
  }
};

///   backward   v = Σ (+ dx where `write` adds);   dx = v, or with `gated` dx = the ReLU rule of v
///
/// The gate is the backward of the ReLU that made x: applied by the last kernel to write dx, it saves a walk
/// through memory.
struct Gate {
  Write write = Write::set;
  bool gated = false;
  ReluRule rule = ReluRule::gradient;
  const std::uint8_t* mask = nullptr;  // [x>0], laid out as kernels/relu.h says; deconvnet does not read it

  BACKLIGHT_HOST_DEVICE bool reads_mask() const { return gated && rule != ReluRule::deconvnet; }
  /// dx from the finished sum and what dx held; `mask_row` is read where reads_mask().
  template <class T>
  BACKLIGHT_HOST_DEVICE T result(T sum, T before, const std::uint8_t* mask_row, std::int64_t channel) const {
    const T value = write == Write::add ? before + sum : sum;
    if (!gated) return value;
    return relu_gradient(rule, value, rule == ReluRule::deconvnet || mask_bit(mask_row, channel));
  }
};

}  // namespace backlight
