#pragma once

#include "kernels/cpu/conv_patch.h"
#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/parallel.h"

namespace backlight::cpu {

/// Runs a planned convolution. Tasks are tiles of pixels, some groups of channels, and some blocks of these;
/// none of that changes a sum. `Finish` is an Epilogue<T> or a Gate.
template <class T, class Finish>
class ConvProduct {
 public:
  ConvProduct(const ConvPlan& plan, const T* source, const T* packed, const Finish& rule, T* target)
      : plan_(plan),
        v_(plan.view),
        kernels_(micro_kernels<T>()),
        source_(source),
        packed_(packed),
        rule_(rule),
        target_(target) {}

  void run(const Workers& workers) const {
    const std::int64_t group_tasks = v_.groups / plan_.task_groups;
    for (const PhasePlan& p : plan_.phases)
      parallel_for(workers, v_.batch * p.tiles() * group_tasks * plan_.channel_tasks,
                   [&](std::int64_t index, int worker) {
                     const std::int64_t channel_task = index % plan_.channel_tasks;
                     index /= plan_.channel_tasks;
                     const std::int64_t group = index % group_tasks * plan_.task_groups;
                     index /= group_tasks;
                     run_task(p, index / p.tiles(), index % p.tiles(), group, channel_task,
                              workers.slice<T>(worker));
                   });
  }

 private:
  void run_task(const PhasePlan& p, std::int64_t n, std::int64_t tile_index, std::int64_t group,
                std::int64_t channel_task, T* scratch) const {
    const ConvTile tile = conv_tile(p, tile_index);
    T* const sums = scratch + plan_.patch_elements;
    const std::int64_t first_block = plan_.blocks() * channel_task / plan_.channel_tasks,
                       end_block = plan_.blocks() * (channel_task + 1) / plan_.channel_tasks;
    const T* const image = source_ + n * v_.source_height * v_.source_width * v_.groups * v_.depth;
    for (std::int64_t g = group; g < group + plan_.task_groups; ++g) {
      if (!p.direct) copy_patch(v_, p, tile, image + g * v_.depth, scratch);
      const TilePixels<T> pixels(v_, p, n, tile, p.direct ? image + g * v_.depth : scratch);
      const T* weights = packed_ + p.weights + g * plan_.group_weights(p);
      if (p.pixels_first)
        run_pixels(p, pixels, g, first_block, end_block, weights, sums);
      else
        for (std::int64_t b = first_block; b < end_block; ++b)
          run_block(p, pixels, g, b, weights, sums + (g - group) * v_.width);
      if (plan_.task_groups > 1 && g + 1 == v_.groups)
        finish_pixels(pixels, 0, pixels.count, 0, v_.groups * v_.width, sums);
    }
  }

  /// Some blocks of channels of one group, a few pixels at a time: what is written lies together.
  void run_pixels(const PhasePlan& p, const TilePixels<T>& pixels, std::int64_t g, std::int64_t first_block,
                  std::int64_t end_block, const T* weights, T* sums) const {
    const std::int64_t lanes = plan_.shape.lanes, first = plan_.block_starts[first_block] * lanes,
                       stride = plan_.block_starts[end_block] * lanes - first;
    for (std::int64_t i = 0; i < pixels.count; i += kernels_.rows) {
      const std::int64_t count = std::min(kernels_.rows, pixels.count - i);
      for (std::int64_t b = first_block; b < end_block; ++b) {
        const std::int64_t start = plan_.block_starts[b] * lanes,
                           width = plan_.block_starts[b + 1] * lanes - start;
        kernels_.multiply({pixels.read + i, count, sums + start - first, stride}, p.runs,
                          weights + start * p.depth, width, width / lanes, false);
      }
      for (std::int64_t k = 0; k < count; ++k)
        finish(rule_, v_.groups * v_.width, pixels.write[i + k], g * v_.width + first,
               std::min(v_.width - first, stride), sums + k * stride, target_);
    }
  }

  /// One block of channels of one group: chunk after chunk, and in each a few pixels at a time.
  void run_block(const PhasePlan& p, const TilePixels<T>& pixels, std::int64_t g, std::int64_t b,
                 const T* weights, T* sums) const {
    const std::int64_t start = plan_.block_starts[b], vectors = plan_.block_starts[b + 1] - start;
    const std::int64_t first = start * plan_.shape.lanes,
                       block_channels = plan_.loop == ConvLoop::dots ? v_.width : vectors * plan_.shape.lanes;
    weights += first * p.depth;
    if (plan_.task_groups > 1) sums += first;
    for (const PhasePlan::Chunk& chunk : p.chunks) {
      const bool is_last = &chunk == &p.chunks.back();
      const std::span runs(p.runs.data() + chunk.first_run, static_cast<std::size_t>(chunk.count));
      const T* const w = weights + chunk.first_k * vectors * plan_.shape.lanes;
      for (std::int64_t i = 0; i < pixels.count; i += kernels_.rows) {
        const std::int64_t count = std::min(kernels_.rows, pixels.count - i);
        const Rows<T> rows{pixels.read + i, count, sums + i * plan_.sums_stride, plan_.sums_stride};
        switch (plan_.loop) {
          case ConvLoop::blocked:
            kernels_.multiply(rows, runs, w, vectors * plan_.shape.lanes, vectors, chunk.first_k > 0);
            break;
          case ConvLoop::dots:
            kernels_.dots(rows, runs, w, v_.width);
            break;
          case ConvLoop::depthwise:
            kernels_.depthwise(rows, runs, w, vectors, first);
            break;
          case ConvLoop::tiles:  // kernels/cpu/tile_product.h
            break;
        }
        if (is_last && plan_.task_groups == 1)
          finish_pixels(pixels, i, i + count, g * v_.width + first,
                        std::min(v_.width - first, block_channels), sums);
      }
    }
  }

  void finish_pixels(const TilePixels<T>& pixels, std::int64_t begin, std::int64_t end, std::int64_t first,
                     std::int64_t count, const T* sums) const {
    for (std::int64_t i = begin; i < end; ++i)
      finish(rule_, v_.groups * v_.width, pixels.write[i], first, count, sums + i * plan_.sums_stride,
             target_);
  }

  const ConvPlan& plan_;
  const ConvView& v_;
  const MicroKernels<T>& kernels_;
  const T* source_;
  const T* packed_;
  const Finish& rule_;
  T* target_;
};

}  // namespace backlight::cpu
