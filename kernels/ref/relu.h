#pragma once

#include "kernels/ref/epilogue.h"

namespace backlight::ref {

/// A ReLU by itself is the epilogue of a sum that is x.
template <class T>
void rectify(const ReluSizes& s, const Epilogue<T>& epilogue, const T* x, T* y) {
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c)
      finish(epilogue, s.channels, r, c, x[r * s.channels + c], y);
}

template <class T>
void relu_forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers&) {
  rectify<T>(s, {.relu = true, .mask = mask}, x, y);
}

template <class T>
void relu_replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers&) {
  rectify<T>(s, {.relu = true, .held = mask}, x, y);
}

template <class T>
void relu_backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx,
                   Write write, const Workers&) {
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const std::int64_t i = r * s.channels + c;
      const bool positive = rule == ReluRule::deconvnet || mask_bit(mask + r * mask_row_bytes(s.channels), c);
      const T value = relu_gradient(rule, dy[i], positive);
      dx[i] = write == Write::add ? dx[i] + value : value;
    }
}

}  // namespace backlight::ref
