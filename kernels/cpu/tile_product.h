#pragma once

#include <algorithm>

#include "kernels/cpu/bf16_split.h"
#include "kernels/cpu/conv_pack.h"
#include "kernels/cpu/conv_patch.h"
#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/tiles.h"

namespace backlight::cpu {

/// The blocks of kernels/cpu/tiles.h: two vectors of channels.
constexpr VectorShape tile_shape{tile_lanes, block_rows, 2, sizeof(float)};

/// The weights in their three parts: block of channels after block, in it one tile of k after the other, and
/// of it part after part. One group.
inline void pack_tiles(const ConvPlan& plan, const WeightStrides& strides, const float* w, float* packed,
                       const Workers& workers) {
  const auto phases = static_cast<std::int64_t>(plan.phases.size()), blocks = plan.blocks();
  parallel_for(workers, phases * blocks, [&](std::int64_t index, int) {
    const PhasePlan& p = plan.phases[static_cast<std::size_t>(index / blocks)];
    const std::int64_t start = plan.block_starts[index % blocks],
                       vectors = plan.block_starts[index % blocks + 1] - start;
    auto* to =
        reinterpret_cast<std::uint16_t*>(packed + p.weights + plan.packed_size(start * tile_lanes * p.depth));
    const std::int64_t deep = plan.view.depth,
                       all = deep * static_cast<std::int64_t>(p.phase.taps.size());  // without what fills up
    for (std::int64_t k = 0; k < p.depth; k += tile_depth, to += planes * vectors * tile_size)
      for (std::int64_t v = 0; v < vectors; ++v) {
        float tile[tile_size] = {};
        const std::int64_t first = (start + v) * tile_lanes,
                           there = std::min(tile_lanes, plan.view.width - first);
        for (std::int64_t i = 0; i < std::min(tile_depth, all - k); ++i) {
          const Tap& tap = p.phase.taps[static_cast<std::size_t>((k + i) / deep)];
          const float* const from =
              w + strides.tap(tap) + (k + i) % deep * strides.depth + first * strides.width;
          for (std::int64_t c = 0; c < there; ++c)
            tile[(i / 2 * tile_lanes + c) * 2 + i % 2] = from[c * strides.width];
        }
        bf16_split()(tile, tile_size / tile_depth, to + v * tile_size, tile_depth, vectors * tile_size);
      }
  });
}

/// Runs a plan for tiles. A task copies its patch, splits a chunk of k of 32 pixels at a time, and multiplies
/// that with all its blocks of channels. `Finish` is an Epilogue<float> or a Gate.
template <class Finish>
class TileProduct {
 public:
  TileProduct(const ConvPlan& plan, const float* source, const float* packed, const Finish& rule,
              float* target)
      : plan_(plan), v_(plan.view), source_(source), packed_(packed), rule_(rule), target_(target) {}

  void run(const Workers& workers) const {
    for (const PhasePlan& p : plan_.phases)
      parallel_for(workers, v_.batch * p.tiles() * plan_.channel_tasks, [&](std::int64_t index, int worker) {
        const std::int64_t tile = index / plan_.channel_tasks;
        kernels_.begin();
        run_task(p, tile / p.tiles(), tile % p.tiles(), index % plan_.channel_tasks,
                 workers.slice<float>(worker));
        kernels_.end();
      });
  }

 private:
  void run_task(const PhasePlan& p, std::int64_t n, std::int64_t tile_index, std::int64_t channel_task,
                float* scratch) const {
    float* const line = scratch + plan_.patch_elements;
    float* const sums = line + plan_.split_elements;
    const ConvTile tile = conv_tile(p, tile_index);
    const float* const image = source_ + n * v_.source_height * v_.source_width * v_.depth;
    if (!p.direct) copy_patch(v_, p, tile, image, scratch);
    const TilePixels<float> pixels(v_, p, n, tile, p.direct ? image : scratch);
    for (const PhasePlan::Chunk& chunk : p.chunks)
      for (std::int64_t i = 0; i < pixels.count; i += block_rows)
        run_rows(p, chunk, pixels, i, channel_task, line, sums + i * plan_.sums_stride);
  }

  /// Up to 32 pixels from `first` on, one chunk, all channels of the task.
  void run_rows(const PhasePlan& p, const PhasePlan::Chunk& chunk, const TilePixels<float>& pixels,
                std::int64_t first, std::int64_t channel_task, float* line, float* sums) const {
    const std::int64_t first_block = plan_.blocks() * channel_task / plan_.channel_tasks,
                       end_block = plan_.blocks() * (channel_task + 1) / plan_.channel_tasks;
    const std::int64_t count = std::min(block_rows, pixels.count - first);
    const bool is_last = &chunk == &p.chunks.back();
    const std::int64_t end_k = is_last ? p.depth : (&chunk + 1)->first_k;
    const std::int64_t depth_tiles = (end_k - chunk.first_k) / tile_depth;
    TileProductArguments product{.rows = split(p, chunk, pixels.read + first, count, depth_tiles, line),
                                 .row_tiles = (count + tile_rows - 1) / tile_rows,
                                 .depth_tiles = depth_tiles,
                                 .plane_stride = depth_tiles * 2 * tile_size,
                                 .stride = plan_.sums_stride,
                                 .adds = chunk.first_k > 0};
    const std::int64_t first_channel = plan_.block_starts[first_block] * tile_lanes;
    for (std::int64_t b = first_block; b < end_block; ++b) {
      const std::int64_t start = plan_.block_starts[b] * tile_lanes;
      product.vectors = plan_.block_starts[b + 1] - plan_.block_starts[b];
      product.weights = reinterpret_cast<const std::uint16_t*>(
          packed_ + p.weights +
          plan_.packed_size(start * p.depth + chunk.first_k * product.vectors * tile_lanes));
      product.sums = sums + start - first_channel;
      kernels_.multiply(product);
    }
    if (!is_last) return;
    const std::int64_t end_channel = std::min(v_.width, plan_.block_starts[end_block] * tile_lanes);
    for (std::int64_t i = 0; i < count; ++i)
      finish(rule_, v_.width, pixels.write[first + i], first_channel, end_channel - first_channel,
             sums + i * plan_.sums_stride, target_);
  }

  /// What the pixels read of a chunk, in three parts; zeros below, up to a whole tile. `line` is scratch, and
  /// the result lies behind it.
  const std::uint16_t* split(const PhasePlan& p, const PhasePlan::Chunk& chunk, const float* const* read,
                             std::int64_t count, std::int64_t depth_tiles, float* line) const {
    auto* const parts = reinterpret_cast<std::uint16_t*>(line + ConvPlan::split_depth);
    const std::int64_t plane = depth_tiles * 2 * tile_size;
    const auto whole = (count + tile_rows - 1) / tile_rows * tile_rows;
    for (std::int64_t r = 0; r < whole; ++r) {
      float* end = line;
      if (r < count)
        for (std::int64_t i = chunk.first_run; i < chunk.first_run + chunk.count; ++i)
          end = std::copy_n(read[r] + p.runs[static_cast<std::size_t>(i)].offset,
                            p.runs[static_cast<std::size_t>(i)].length, end);
      std::fill(end, line + depth_tiles * tile_depth, 0.0f);
      split_(line, depth_tiles, parts + r * tile_depth, 2 * tile_size, plane);
    }
    return parts;
  }

  const ConvPlan& plan_;
  const ConvView& v_;
  const TileKernels& kernels_ = tile_kernels();
  const SplitLoop split_ = bf16_split();
  const float* source_;
  const float* packed_;
  const Finish& rule_;
  float* target_;
};

}  // namespace backlight::cpu
