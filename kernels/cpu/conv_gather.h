#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "kernels/cpu/conv_taps.h"

namespace backlight::cpu {

/// Some channels of one channels-last image.
template <class T>
struct Channels {
  T* data;
  std::int64_t height, width, stride;  // stride: channels of a whole pixel
  std::int64_t count;                  // channels taken of each pixel, from `data` on
};

/// The tile of the im2col matrix for the grid points [begin, end) and some taps of the phase: row p holds,
/// tap after tap, the channels that grid point p reads, and zeros where a tap is outside the image.
template <class T>
void gather(const Channels<const T>& image, const Phase& phase, std::span<const Tap> chosen,
            std::int64_t begin, std::int64_t end, T* tile) {
  const std::int64_t taps = static_cast<std::int64_t>(chosen.size());
  const bool whole_pixels = image.count == image.stride;
  for (std::int64_t p = begin; p < end; ++p) {
    const std::int64_t y = p / phase.columns * phase.step_y, x = p % phase.columns * phase.step_x;
    for (std::int64_t t = 0; t < taps;) {
      const Tap& tap = chosen[t];
      const std::int64_t iy = y + tap.dy, ix = x + tap.dx;
      // Taps side by side read pixels side by side: one copy, as far as they stay inside the image.
      std::int64_t run = 1;
      const bool inside = iy >= 0 && iy < image.height && ix >= 0 && ix < image.width;
      if (inside && whole_pixels)
        while (t + run < taps && ix + run < image.width && chosen[t + run].dy == tap.dy &&
               chosen[t + run].dx == tap.dx + run)
          ++run;
      const std::int64_t count = run * image.count;
      if (inside)
        std::copy_n(image.data + (iy * image.width + ix) * image.stride, count, tile);
      else
        std::fill_n(tile, count, T(0));
      tile += count;
      t += run;
    }
  }
}

}  // namespace backlight::cpu
