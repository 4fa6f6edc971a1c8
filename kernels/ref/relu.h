#pragma once

#include "kernels/relu.h"

namespace backlight::ref {

template <class T>
void relu_forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers&) {
  if (mask)
    for (std::int64_t b = 0; b < s.mask_bytes(); ++b) mask[b] = 0;
  for (std::int64_t i = 0; i < s.count; ++i) {
    const T value = x[i];
    if (mask && value > 0) mask[i / 8] = static_cast<std::uint8_t>(mask[i / 8] | 1 << i % 8);
    y[i] = value <= 0 ? T(0) : value;
  }
}

inline bool mask_bit(const std::uint8_t* mask, std::int64_t i) { return mask[i / 8] >> i % 8 & 1; }

template <class T>
void relu_replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers&) {
  for (std::int64_t i = 0; i < s.count; ++i) y[i] = mask_bit(mask, i) ? x[i] : T(0);
}

template <class T>
void relu_backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx,
                   Write write, const Workers&) {
  for (std::int64_t i = 0; i < s.count; ++i) {
    const bool input_positive = rule == ReluRule::deconvnet || mask_bit(mask, i);
    const bool gradient_positive = rule == ReluRule::gradient || dy[i] > 0;
    const T value = input_positive && gradient_positive ? dy[i] : T(0);
    dx[i] = write == Write::add ? dx[i] + value : value;
  }
}

}  // namespace backlight::ref
