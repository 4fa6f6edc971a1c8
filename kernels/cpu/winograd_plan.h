#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/conv_taps.h"
#include "kernels/implementation.h"

namespace backlight::cpu {

/// A 3×3 convolution of stride 1 as Winograd's products, in either direction; all that is found out before it
/// runs. For each of the n² positions of a tile, [tiles × depth] · [depth × width] is a matrix product.
struct WinogradPlan {
  std::int64_t m, n, lanes;  // outputs and inputs of a tile's side; numbers in a vector
  std::int64_t batch, source_height, source_width, depth, target_height, target_width, width;
  std::int64_t pad_top, pad_left;
  std::int64_t tiles_down = 0, tiles_across = 0;
  /// A task is some tiles. Where a worker's own cache holds their transforms, it makes them and all products
  /// of them: `group_tiles` is then `task_tiles`. Otherwise all workers together transform a group of tiles,
  /// and then each multiplies some of them with a block of target channels, so that weights too large for a
  /// cache are read once a group.
  bool alone = true;
  std::int64_t group_tiles = 0, task_tiles = 0;
  std::vector<std::int64_t> block_starts = {};  // in vectors: the blocks of channels, and the end
  std::int64_t chunk = 0;                       // of the depth, whose weights stay in the nearest cache

  std::int64_t positions() const { return n * n; }
  std::int64_t tiles() const { return batch * tiles_down * tiles_across; }
  std::int64_t blocks() const { return static_cast<std::int64_t>(block_starts.size()) - 1; }
  std::int64_t block_channels() const;  // of the widest
  std::int64_t packed_elements() const { return positions() * depth * width; }
  std::int64_t transform_elements() const { return positions() * group_tiles * depth; }
  std::int64_t shared_elements() const { return depth + (alone ? 0 : transform_elements()); }
  std::int64_t scratch_elements() const {
    return (positions() * task_tiles + m * m) * block_channels() + (alone ? transform_elements() : 0);
  }
};

template <class T>
WinogradPlan plan_winograd(const ConvSizes& s, Pass pass, std::int64_t m, int threads);

/// The transformed weights, position after position, and in each block after block. w: the framework's.
template <class T, int m>
void pack_winograd_weights(const WinogradPlan& plan, const ConvSizes& s, Pass pass, const T* w, T* packed,
                           const Workers& workers);

}  // namespace backlight::cpu
