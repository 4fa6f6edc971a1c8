#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cpu/conv_plan.h"

namespace backlight::cpu {

/// Some of a phase's grid: rows [top, bottom), columns [left, right).
struct ConvTile {
  std::int64_t top, bottom, left, right;
};

inline ConvTile conv_tile(const PhasePlan& p, std::int64_t index) {
  const std::int64_t top = index / p.column_tiles * p.tile_rows,
                     left = index % p.column_tiles * p.tile_columns;
  return {top, std::min(p.phase.rows, top + p.tile_rows), left,
          std::min(p.phase.columns, left + p.tile_columns)};
}

/// Where the pixels of a tile are read and written.
template <class T>
struct TilePixels {
  const T* read[ConvPlan::tile_pixels];       // where the rectangle of a pixel's taps begins
  std::int64_t write[ConvPlan::tile_pixels];  // and the pixel's row of the target
  std::int64_t count = 0;

  /// `data`: the tile's patch, or of what is read directly image n.
  TilePixels(const ConvView& v, const PhasePlan& p, std::int64_t n, const ConvTile& tile, const T* data) {
    const Phase& g = p.phase;
    // What is read begins at the tile's own corner in a patch, at the image's in the source.
    const std::int64_t top = p.direct ? -p.top : tile.top * g.step_y,
                       left = p.direct ? -p.left : tile.left * g.step_x;
    for (std::int64_t y = tile.top; y < tile.bottom; ++y)
      for (std::int64_t x = tile.left; x < tile.right; ++x) {
        read[count] = data + (y * g.step_y - top) * p.row_stride + (x * g.step_x - left) * p.pixel_stride;
        write[count++] =
            (n * v.target_height + g.first_y + y * g.stride_y) * v.target_width + g.first_x + x * g.stride_x;
      }
  }
};

/// Copies what a tile reads of the `depth` channels from `image` on, with zeros for what is outside of it.
template <class T>
void copy_patch(const ConvView& v, const PhasePlan& p, const ConvTile& tile, const T* image, T* patch) {
  const Phase& g = p.phase;
  const std::int64_t stride = v.groups * v.depth;  // of a pixel
  const std::int64_t first_y = tile.top * g.step_y + p.top, last_y = (tile.bottom - 1) * g.step_y + p.bottom;
  const std::int64_t first_x = tile.left * g.step_x + p.left,
                     end_x = (tile.right - 1) * g.step_x + p.right + 1;
  const std::int64_t begin = std::clamp<std::int64_t>(0, first_x, end_x),
                     end = std::clamp(v.source_width, begin, end_x);
  for (std::int64_t y = first_y; y <= last_y; ++y, patch += p.row_stride) {
    T* const row_end = patch + (end_x - first_x) * v.depth;
    if (y < 0 || y >= v.source_height || begin == end) {
      std::fill(patch, row_end, T(0));
      continue;
    }
    const T* source = image + (y * v.source_width + begin) * stride;
    T* to = std::fill_n(patch, (begin - first_x) * v.depth, T(0));
    if (stride == v.depth)
      to = std::copy_n(source, (end - begin) * stride, to);
    else
      for (std::int64_t x = begin; x < end; ++x, source += stride) to = std::copy_n(source, v.depth, to);
    std::fill(to, row_end, T(0));
  }
}

}  // namespace backlight::cpu
