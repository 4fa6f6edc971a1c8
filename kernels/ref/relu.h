#pragma once

#include "kernels/relu.h"

namespace backlight::ref {

template <class T>
void relu_forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers&) {
  if (mask)
    for (std::int64_t b = 0; b < s.mask_bytes(); ++b) mask[b] = 0;
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const T value = x[r * s.channels + c];
      if (mask && value > 0) set_mask_bit(mask + r * mask_row_bytes(s.channels), c);
      y[r * s.channels + c] = value <= 0 ? T(0) : value;
    }
}

template <class T>
void relu_replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers&) {
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const std::int64_t i = r * s.channels + c;
      y[i] = mask_bit(mask + r * mask_row_bytes(s.channels), c) ? x[i] : T(0);
    }
}

template <class T>
void relu_backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx,
                   Write write, const Workers&) {
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const std::int64_t i = r * s.channels + c;
      const bool positive = rule != ReluRule::deconvnet && mask_bit(mask + r * mask_row_bytes(s.channels), c);
      const T value = relu_gradient(rule, dy[i], positive);
      dx[i] = write == Write::add ? dx[i] + value : value;
    }
}

}  // namespace backlight::ref
