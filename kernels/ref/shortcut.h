#pragma once

#include "kernels/shortcut.h"

namespace backlight::ref {

/// Calls visit(output index, input index or -1) for every output element.
template <class Visit>
void for_each_shortcut(const ShortcutSizes& s, Visit visit) {
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t oy = 0; oy < s.out_height; ++oy)
      for (std::int64_t ox = 0; ox < s.out_width; ++ox)
        for (std::int64_t o = 0; o < s.out_channels; ++o) {
          const std::int64_t c = o - s.pad_channels;
          const std::int64_t x =
              ((n * s.in_height + oy * s.stride) * s.in_width + ox * s.stride) * s.in_channels + c;
          visit(((n * s.out_height + oy) * s.out_width + ox) * s.out_channels + o,
                c >= 0 && c < s.in_channels ? x : -1);
        }
}

template <class T>
void shortcut_forward(const ShortcutSizes& s, const T* x, T* y, const Workers&) {
  for_each_shortcut(s, [&](std::int64_t out, std::int64_t in) { y[out] = in < 0 ? T(0) : x[in]; });
}

template <class T>
void shortcut_backward(const ShortcutSizes& s, const T* dy, T* dx, Write write, const Workers&) {
  if (write == Write::set)
    for (std::int64_t i = 0; i < s.batch * s.in_height * s.in_width * s.in_channels; ++i) dx[i] = 0;
  for_each_shortcut(s, [&](std::int64_t out, std::int64_t in) {
    if (in >= 0) dx[in] += dy[out];
  });
}

}  // namespace backlight::ref
