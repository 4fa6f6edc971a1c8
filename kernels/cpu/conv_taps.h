#pragma once

#include <cstdint>
#include <vector>

#include "kernels/conv.h"

namespace backlight::cpu {

/// One kernel position, and where it reads relative to the pixel that is being computed.
struct Tap {
  std::int64_t ky, kx;  // its place in the weights
  std::int64_t dy, dx;  // it reads source pixel (row·step_y + dy, column·step_x + dx)
};

/// A grid of target pixels that all read the same taps. The forward is one such phase. The backward of a
/// convolution with stride s has s·s of them, since an input pixel is read only by the taps that hit its row
/// and column modulo s; each is again a convolution, of dy, with step 1. So both directions gather, and
/// neither needs atomics or a zeroed result.
struct Phase {
  std::int64_t rows, columns;       // of the grid
  std::int64_t first_y, first_x;    // target pixel of grid point (0,0)
  std::int64_t stride_y, stride_x;  // target pixels between grid points
  std::int64_t step_y, step_x;      // source pixels between grid points
  std::vector<Tap> taps;

  std::int64_t pixels() const { return rows * columns; }
  bool side_by_side() const { return stride_y == 1 && stride_x == 1; }
};

/// The two directions in which a convolution reads one image and writes another.
enum class Pass { forward, backward };

std::vector<Phase> forward_phases(const ConvSizes& s);
std::vector<Phase> backward_phases(const ConvSizes& s);

}  // namespace backlight::cpu
