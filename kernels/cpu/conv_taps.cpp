#include "kernels/cpu/conv_taps.h"

namespace backlight::cpu {

std::vector<Phase> forward_phases(const ConvSizes& s) {
  Phase phase{s.out_height, s.out_width, 0, 0, 1, 1, s.stride_y, s.stride_x, {}};
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx)
      phase.taps.push_back({ky, kx, ky * s.dilation_y - s.pad_top, kx * s.dilation_x - s.pad_left});
  return {phase};
}

/// Input row i is read by tap k of output row o where i = o·stride − pad + k·dilation, that is o = (i + pad −
/// k·dilation) / stride. With i = first + stride·j: o = j + (first + pad − k·dilation)/stride, for the taps
/// where that divides. Taps are listed from the last to the first, so that what they read moves to the right.
/// A phase may have no pixels: which phases there are, and so the packed weights, does not depend on the size
/// of the image.
std::vector<Phase> backward_phases(const ConvSizes& s) {
  std::vector<Phase> phases;
  for (std::int64_t py = 0; py < s.stride_y; ++py)
    for (std::int64_t px = 0; px < s.stride_x; ++px) {
      Phase phase{(s.in_height - py + s.stride_y - 1) / s.stride_y,
                  (s.in_width - px + s.stride_x - 1) / s.stride_x,
                  py,
                  px,
                  s.stride_y,
                  s.stride_x,
                  1,
                  1,
                  {}};
      for (std::int64_t ky = s.kernel_height - 1; ky >= 0; --ky)
        for (std::int64_t kx = s.kernel_width - 1; kx >= 0; --kx) {
          const std::int64_t y = py + s.pad_top - ky * s.dilation_y, x = px + s.pad_left - kx * s.dilation_x;
          if (y % s.stride_y == 0 && x % s.stride_x == 0)
            phase.taps.push_back({ky, kx, y / s.stride_y, x / s.stride_x});
        }
      phases.push_back(phase);
    }
  return phases;
}

}  // namespace backlight::cpu
