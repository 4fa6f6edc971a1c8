#include "kernels/cpu/conv_taps.h"

#include <algorithm>
#include <set>

namespace backlight::cpu {

std::vector<Phase> forward_phases(const ConvSizes& s) {
  Phase phase{s.out_height, s.out_width, 0, 0, 1, 1, s.stride_y, s.stride_x, {}};
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx)
      phase.taps.push_back({ky, kx, ky * s.dilation_y - s.pad_top, kx * s.dilation_x - s.pad_left});
  return {phase};
}

namespace {

/// Along one axis: where the phases begin, of a convolution that reads `size` pixels. One for every remainder
/// of the stride that pixels have or taps hit; the latter also where the image is too small to have them, so
/// that the packed weights do not depend on its size.
std::set<std::int64_t> phase_starts(std::int64_t size, std::int64_t stride, std::int64_t pad,
                                    std::int64_t kernel, std::int64_t dilation) {
  std::set<std::int64_t> starts;
  for (std::int64_t i = 0; i < std::min(size, stride); ++i) starts.insert(i);
  for (std::int64_t k = 0; k < kernel; ++k) {
    const std::int64_t remainder = (k * dilation - pad) % stride;
    starts.insert(remainder < 0 ? remainder + stride : remainder);
  }
  return starts;
}

}  // namespace

/// Input row i is read by tap k of output row o where i = o·stride − pad + k·dilation, that is o = (i + pad −
/// k·dilation) / stride. With i = first + stride·j: o = j + (first + pad − k·dilation)/stride, for the taps
/// where that divides. Taps are listed from the last to the first, so that what they read moves to the right.
std::vector<Phase> backward_phases(const ConvSizes& s) {
  std::vector<Phase> phases;
  const auto columns = phase_starts(s.in_width, s.stride_x, s.pad_left, s.kernel_width, s.dilation_x);
  for (const std::int64_t py :
       phase_starts(s.in_height, s.stride_y, s.pad_top, s.kernel_height, s.dilation_y))
    for (const std::int64_t px : columns) {
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
