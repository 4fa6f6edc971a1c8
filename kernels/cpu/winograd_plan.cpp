#include "kernels/cpu/winograd_plan.h"

#include <algorithm>

#include "kernels/cpu/conv_plan.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/winograd_tiles.h"

namespace backlight::cpu {
namespace {

// What all workers share of transformed inputs, at most, and what one keeps of sums.
constexpr std::int64_t group_bytes = std::int64_t{4} << 20, most_tiles = 48, tasks_per_thread = 4;
// Of what one worker keeps in its own cache, and for how few tiles it does not pay to read all weights.
constexpr std::int64_t alone_bytes = std::int64_t{768} << 10, fewest_alone = 12;
// Of weights in the nearest cache; and sums of so many products at most, each from 0 on, halve the error.
constexpr std::int64_t chunk_bytes = std::int64_t{32} << 10, longest_chunk = 128;

std::int64_t up(std::int64_t n, std::int64_t step) { return (n + step - 1) / step; }

}  // namespace

std::int64_t WinogradPlan::block_channels() const {
  std::int64_t most = 0;
  for (std::int64_t b = 0; b < blocks(); ++b) most = std::max(most, block_starts[b + 1] - block_starts[b]);
  return most * lanes;
}

/// The backward is the same convolution of dy with the filters turned by half a turn, from 2 − pad on.
template <class T>
WinogradPlan plan_winograd(const ConvSizes& s, Pass pass, std::int64_t m, int threads) {
  const bool forward = pass == Pass::forward;
  const VectorShape shape = VectorShape::of(micro_kernels<T>());
  WinogradPlan p{.m = m,
                 .n = m + 2,
                 .lanes = shape.lanes,
                 .batch = s.batch,
                 .source_height = forward ? s.in_height : s.out_height,
                 .source_width = forward ? s.in_width : s.out_width,
                 .depth = forward ? s.in_channels : s.out_channels,
                 .target_height = forward ? s.out_height : s.in_height,
                 .target_width = forward ? s.out_width : s.in_width,
                 .width = forward ? s.out_channels : s.in_channels,
                 .pad_top = forward ? s.pad_top : 2 - s.pad_top,
                 .pad_left = forward ? s.pad_left : 2 - s.pad_left};
  p.tiles_down = up(p.target_height, m), p.tiles_across = up(p.target_width, m);
  p.block_starts = cut_channels(p.width, shape);
  const std::int64_t tile_bytes = p.positions() * p.depth * shape.element_bytes,
                     sums_bytes = p.positions() * p.block_channels() * shape.element_bytes;
  const std::int64_t own = alone_bytes / (tile_bytes + sums_bytes);  // tiles
  p.alone = own >= fewest_alone && p.tiles() >= 2 * threads * shape.rows;
  if (p.alone) {
    const std::int64_t tasks = std::max(up(p.tiles(), own), tasks_per_thread * threads);
    p.task_tiles = p.group_tiles = std::max(shape.rows, up(up(p.tiles(), tasks), shape.rows) * shape.rows);
  } else {
    const std::int64_t groups = up(p.tiles(), std::max<std::int64_t>(shape.rows, group_bytes / tile_bytes));
    p.group_tiles = up(p.tiles(), std::max<std::int64_t>(1, groups));
    const std::int64_t parts = up(tasks_per_thread * threads, p.blocks());
    p.task_tiles = std::min(most_tiles, up(up(p.group_tiles, parts), shape.rows) * shape.rows);
  }
  const std::int64_t chunks = std::max(up(p.depth * p.block_channels() * shape.element_bytes, chunk_bytes),
                                       up(p.depth, longest_chunk));
  p.chunk = up(p.depth, std::max<std::int64_t>(1, chunks));
  return p;
}

template WinogradPlan plan_winograd<float>(const ConvSizes&, Pass, std::int64_t, int);
template WinogradPlan plan_winograd<double>(const ConvSizes&, Pass, std::int64_t, int);

template <class T, int m>
void pack_winograd_weights(const WinogradPlan& p, const ConvSizes& s, Pass pass, const T* w, T* packed,
                           const Workers& workers) {
  constexpr std::int64_t part = 32;  // source channels of a task
  const bool forward = pass == Pass::forward;
  const std::int64_t parts = up(p.depth, part);
  parallel_for(workers, p.blocks() * parts, [&](std::int64_t index, int) {
    const std::int64_t block = index / parts, first = p.block_starts[block] * p.lanes,
                       channels = p.block_starts[block + 1] * p.lanes - first;
    const std::int64_t begin = index % parts * part, end = std::min(begin + part, p.depth);
    for (std::int64_t c = 0; c < channels; c += filters_together)
      for (std::int64_t d = begin; d < end; ++d) {
        const std::int64_t count = std::min<std::int64_t>(filters_together, channels - c);
        double g[9][filters_together] = {}, u[(m + 2) * (m + 2)][filters_together];
        for (std::int64_t f = 0; f < count; ++f) {
          const std::int64_t target = first + c + f, o = forward ? target : d, i = forward ? d : target;
          const T* const filter = w + (o * s.in_channels + i) * 9;
          for (int k = 0; k < 9; ++k) g[k][f] = filter[forward ? k : 8 - k];
        }
        transform_filters<m>(g, u);
        T* to = packed + first * p.depth + d * channels + c;
        for (std::int64_t position = 0; position < p.positions(); ++position, to += p.depth * p.width)
          for (std::int64_t f = 0; f < count; ++f) to[f] = static_cast<T>(u[position][f]);
      }
  });
}
#define BACKLIGHT_PACK(T, m)                                                                           \
  template void pack_winograd_weights<T, m>(const WinogradPlan&, const ConvSizes&, Pass, const T*, T*, \
                                            const Workers&);
BACKLIGHT_PACK(float, 2)
BACKLIGHT_PACK(float, 4)
BACKLIGHT_PACK(double, 2)
BACKLIGHT_PACK(double, 4)
#undef BACKLIGHT_PACK

}  // namespace backlight::cpu
