#pragma once

#include "kernels/layout.h"

namespace backlight::ref {

/// Every image is a matrix of rows × columns: to[c][r] = from[r][c], or += .
template <class T>
void transpose(std::int64_t batch, std::int64_t rows, std::int64_t columns, const T* from, T* to,
               Write write) {
  for (std::int64_t n = 0; n < batch; ++n, from += rows * columns, to += rows * columns)
    for (std::int64_t c = 0; c < columns; ++c)
      for (std::int64_t r = 0; r < rows; ++r) {
        T& target = to[c * rows + r];
        target = write == Write::add ? target + from[r * columns + c] : from[r * columns + c];
      }
}

template <class T>
void to_channels_last(const LayoutSizes& s, const T* first, T* last, Write write, const Workers&) {
  transpose(s.batch, s.channels, s.pixels, first, last, write);
}

template <class T>
void to_channels_first(const LayoutSizes& s, const T* last, T* first, Write write, const Workers&) {
  transpose(s.batch, s.pixels, s.channels, last, first, write);
}

}  // namespace backlight::ref
