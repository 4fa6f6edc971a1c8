#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

/// Copies between channels first (N,C,H,W: files, dumps, the framework's flatten) and channels last (N,H,W,C:
/// inside).
struct LayoutSizes {
  std::int64_t batch = 1, channels = 1, pixels = 1;
};

template <class T>
struct ToChannelsLast {
  static constexpr auto name = "to_channels_last";
  using Element = T;
  using Sizes = LayoutSizes;
  using Run = void (*)(const LayoutSizes&, const T* first, T* last, Write, const Workers&);
};

template <class T>
struct ToChannelsFirst {
  static constexpr auto name = "to_channels_first";
  using Element = T;
  using Sizes = LayoutSizes;
  using Run = void (*)(const LayoutSizes&, const T* last, T* first, Write, const Workers&);
};

}  // namespace backlight
