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

  static ConvView of(const ConvSizes& s, Pass pass);
};

/// Which loop sums: those of kernels/cpu/micro_kernels.h, or that of kernels/cpu/tiles.h.
enum class ConvLoop { blocked, dots, depthwise, tiles };

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
  std::int64_t depth = 0;    // how many k; for tiles filled up to whole ones
  std::int64_t weights = 0;  // where its weights begin in the packed ones
  /// A few pixels at a time meet all blocks of a task's channels, and are finished whole, where the weights
  /// of all these blocks are small; else a block meets all pixels of a tile.
  bool pixels_first = false;

  std::int64_t tiles() const { return row_tiles * column_tiles; }
};

/// All that is found out about a convolution before it runs.
struct ConvPlan {
  static constexpr std::int64_t tile_pixels = 192, tile_columns = 64;     // at most
  static constexpr std::int64_t split_depth = 256, split_channels = 256;  // of a task on tiles, at most

  ConvView view;
  ConvLoop loop;
  VectorShape shape;
  std::vector<PhasePlan> phases = {};
  std::vector<std::int64_t> block_starts = {};  // in vectors: the blocks of a group's channels, and the end
  std::int64_t task_groups = 0;                 // groups of a task: all, where they share bytes of a mask
  std::int64_t channel_tasks = 0;               // into how many tasks the blocks of a group are cut
  std::int64_t sums_stride = 0;
  std::int64_t patch_elements = 0, split_elements = 0, sums_elements = 0;  // of one worker's scratch
  std::int64_t weight_elements = 0;                                        // of the weights

  std::int64_t blocks() const { return static_cast<std::int64_t>(block_starts.size()) - 1; }
  std::int64_t vectors() const { return block_starts.back(); }
  std::int64_t packed_elements() const { return weight_elements; }
  std::int64_t shared_elements() const { return 0; }
  std::int64_t scratch_elements() const { return patch_elements + split_elements + sums_elements; }
  /// Numbers between the weights of one group and the next.
  std::int64_t group_weights(const PhasePlan& p) const {
    return packed_size(p.depth * (loop == ConvLoop::dots ? view.width : vectors() * shape.lanes));
  }
  /// How many numbers hold so many weights: three bf16 parts of each are one and a half.
  std::int64_t packed_size(std::int64_t count) const {
    return loop == ConvLoop::tiles ? count * 3 / 2 : count;
  }
};

ConvPlan plan_conv(ConvView view, ConvLoop loop, const VectorShape& shape, int threads);

}  // namespace backlight::cpu
