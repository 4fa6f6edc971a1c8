#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

/// The parameter-free shortcut "option A" of He et al. 2015 (arXiv 1512.03385, §3.3 and §4.2): every
/// `stride`-th pixel, and `pad_channels` zero channels before and whatever is missing after:
///   y[n,oy,ox,o] = x[n, oy·stride, ox·stride, o − pad_channels], or 0 where that channel does not exist.
/// Channels last.
struct ShortcutSizes {
  std::int64_t batch = 1, in_height = 1, in_width = 1, in_channels = 1;
  std::int64_t out_height = 1, out_width = 1, out_channels = 1;
  std::int64_t stride = 1, pad_channels = 0;
};

template <class T>
struct ShortcutForward {
  static constexpr auto name = "shortcut_forward";
  using Element = T;
  using Sizes = ShortcutSizes;
  using Run = void (*)(const ShortcutSizes&, const T* x, T* y, const Workers&);
};

template <class T>
struct ShortcutBackward {
  static constexpr auto name = "shortcut_backward";
  using Element = T;
  using Sizes = ShortcutSizes;
  using Run = void (*)(const ShortcutSizes&, const T* dy, T* dx, Write, const Workers&);
};

}  // namespace backlight
