#pragma once

#include <cstdint>

#include "kernels/host_device.h"
#include "kernels/implementation.h"

namespace backlight {

/// What a ReLU sends back, with x its input and g the gradient that comes in from above:
///
///   gradient   g·[x>0]           the derivative
///   deconvnet  g·[g>0]           Zeiler & Fergus 2013, arXiv 1311.2901
///   guided     g·[x>0]·[g>0]     Springenberg et al. 2014, arXiv 1412.6806
enum class ReluRule : std::uint8_t { gradient, guided, deconvnet };

/// The rule for one element; `positive` is [x>0] (not read by deconvnet).
template <class T>
BACKLIGHT_HOST_DEVICE T relu_gradient(ReluRule rule, T g, bool positive) {
  const bool kept = (rule == ReluRule::deconvnet || positive) && (rule == ReluRule::gradient || g > 0);
  return kept ? g : T(0);
}

/// The signs of a ReLU are kept in one bit each: bit c%8 of byte c/8 of a row says [x>0] for channel c. Each
/// row — the channels of one pixel — starts a byte of its own, so that two tiles of pixels never share one;
/// the unused bits of its last byte are 0.
BACKLIGHT_HOST_DEVICE constexpr std::int64_t mask_row_bytes(std::int64_t channels) {
  return (channels + 7) / 8;
}
BACKLIGHT_HOST_DEVICE inline bool mask_bit(const std::uint8_t* row, std::int64_t channel) {
  return row[channel / 8] >> channel % 8 & 1;
}

/// Activations are stored channels last: rows = N·H·W rows of `channels`.
struct ReluSizes {
  std::int64_t rows = 0, channels = 1;
  std::int64_t count() const { return rows * channels; }
  std::int64_t mask_bytes() const { return rows * mask_row_bytes(channels); }
};

/// y = max(x, 0) (a NaN stays a NaN), and the mask says [x>0]. `mask` may be null. y may be x.
template <class T>
struct ReluForward {
  static constexpr auto name = "relu_forward";
  using Element = T;
  using Sizes = ReluSizes;
  using Run = void (*)(const ReluSizes&, const T* x, T* y, std::uint8_t* mask, const Workers&);
};

/// y = x where the mask says so, else 0: the forward with its signs held. y may be x.
template <class T>
struct ReluReplay {
  static constexpr auto name = "relu_replay";
  using Element = T;
  using Sizes = ReluSizes;
  using Run = void (*)(const ReluSizes&, const T* x, const std::uint8_t* mask, T* y, const Workers&);
};

/// dx from dy by the rule; the mask says [x>0] (deconvnet does not read it: it may then be null). dx may be
/// dy where it is set.
template <class T>
struct ReluBackward {
  static constexpr auto name = "relu_backward";
  using Element = T;
  using Sizes = ReluSizes;
  using Run = void (*)(const ReluSizes&, ReluRule, const T* dy, const std::uint8_t* mask, T* dx, Write,
                       const Workers&);
};

}  // namespace backlight
