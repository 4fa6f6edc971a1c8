#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/conv_taps.h"
#include "kernels/cpu/micro_kernels.h"

namespace backlight::cpu {

/// A convolution as sums over patches of a source, in either direction: the forward reads x and makes y, the
/// backward reads dy and makes dx.
struct ConvView {
  std::int64_t batch, groups;
  std::int64_t source_height, source_width, depth;  // depth: source channels of a group
  std::int64_t target_height, target_width, width;  // width: target channels of a group
  std::vector<Phase> phases;

  static ConvView forward(const ConvSizes& s);
  static ConvView backward(const ConvSizes& s);
};

/// Which loop of kernels/cpu/micro_kernels.h sums.
enum class ConvLoop { blocked, dots, depthwise };

/// What a plan has to know of the micro-kernels.
struct VectorShape {
  std::int64_t lanes, rows, vectors, element_bytes;

  template <class T>
  static VectorShape of(const MicroKernels<T>& k) {
    return {k.lanes, k.rows, k.vectors, sizeof(T)};
  }
};

/// Where the blocks of some channels begin, in vectors, and the end: of about the same size, each of whole
/// bytes of a mask.
std::vector<std::int64_t> cut_channels(std::int64_t width, const VectorShape& shape);

/// How the sums of one phase are computed.
struct PhasePlan {
  Phase phase;
  std::int64_t tile_rows = 0, tile_columns = 0, row_tiles = 0,
               column_tiles = 0;  // of the grid, cut into tiles
  // What a tile reads: all its taps, from (top, left) relative to its first pixel on. `direct`: no tap is
  // outside the image, and the source is read where it lies; otherwise a copy with zeros around it.
  bool direct = false;
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;  // of the taps
  std::int64_t pixel_stride = 0, row_stride = 0;          // of what is read
  /// k in its one order, taps ascending and channels ascending, as stretches of memory; and cut into chunks
  /// whose weights stay in the nearest cache.
  std::vector<Run> runs = {};
  struct Chunk {
    std::int64_t first_run, count, first_k;
  };
  std::vector<Chunk> chunks = {};
  std::int64_t depth = 0;    // how many k
  std::int64_t weights = 0;  // where its weights begin in the packed ones

  std::int64_t tiles() const { return row_tiles * column_tiles; }
};

/// All that is found out about a convolution before it runs.
struct ConvPlan {
  static constexpr std::int64_t tile_pixels = 192, tile_columns = 64;  // at most

  ConvView view;
  ConvLoop loop;
  VectorShape shape;
  std::vector<PhasePlan> phases = {};
  std::vector<std::int64_t> block_starts = {};  // in vectors: the blocks of a group's channels, and the end
  std::int64_t task_groups = 0;                 // groups of a task: all, where they share bytes of a mask
  std::int64_t channel_tasks = 0;               // into how many tasks the blocks of a group are cut
  std::int64_t sums_stride = 0;
  std::int64_t patch_elements = 0, sums_elements = 0;  // of one worker's scratch
  std::int64_t packed_elements = 0;                    // of the weights

  std::int64_t blocks() const { return static_cast<std::int64_t>(block_starts.size()) - 1; }
  std::int64_t vectors() const { return block_starts.back(); }
  /// Numbers between the weights of one group and the next.
  std::int64_t group_weights(const PhasePlan& p) const {
    return p.depth * (loop == ConvLoop::dots ? view.width : vectors() * shape.lanes);
  }
};

ConvPlan plan_conv(ConvView view, ConvLoop loop, const VectorShape& shape, int threads);

}  // namespace backlight::cpu
