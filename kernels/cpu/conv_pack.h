#pragma once

#include <algorithm>

#include "kernels/cpu/conv_plan.h"
#include "kernels/cpu/parallel.h"

namespace backlight::cpu {

/// The framework's weights as a plan sees them: how far it is to the next source channel d of a group, target
/// channel w, and group; taps lie side by side.
struct WeightStrides {
  std::int64_t depth, width, group, row;  // row: of the kernel

  static WeightStrides of(const ConvSizes& s, Pass pass) {
    const std::int64_t input = s.taps(), output = s.group_in() * s.taps(), group = s.group_out() * output;
    return pass == Pass::forward ? WeightStrides{input, output, group, s.kernel_width}
                                 : WeightStrides{output, input, group, s.kernel_width};
  }
  std::int64_t tap(const Tap& tap) const { return tap.ky * row + tap.kx; }
};

/// For the dot products: channel after channel, and each run filled up to whole vectors.
template <class T>
void pack_dots(const ConvPlan& plan, const PhasePlan& p, const WeightStrides& strides, const T* w,
               T* packed) {
  const ConvView& v = plan.view;
  std::fill_n(packed, plan.group_weights(p), T(0));
  for (std::int64_t c = 0; c < v.width; ++c) {
    auto tap = p.phase.taps.begin();
    for (const Run& run : p.runs) {
      for (std::int64_t k = 0; k < run.length; ++k)
        packed[k] = w[strides.tap(tap[k / v.depth]) + k % v.depth * strides.depth + c * strides.width];
      tap += run.length / v.depth;
      packed += (run.length + plan.shape.lanes - 1) / plan.shape.lanes * plan.shape.lanes;
    }
  }
}

/// For the other loops: the channels [begin, end) of each tap, of one block of target channels. The order in
/// which they are visited spares the cache: eight source channels are read together, tap by tap.
template <class T>
void pack_block(const ConvPlan& plan, const PhasePlan& p, const WeightStrides& strides, const T* w,
                std::int64_t block, std::int64_t deep, std::int64_t begin, std::int64_t end, T* packed) {
  constexpr std::int64_t together = 8;
  const std::int64_t first = plan.block_starts[block] * plan.shape.lanes,
                     width = plan.block_starts[block + 1] * plan.shape.lanes - first,
                     there = std::clamp<std::int64_t>(plan.view.width - first, 0, width);
  packed += first * p.depth;
  const auto taps = static_cast<std::int64_t>(p.phase.taps.size());
  for (std::int64_t d = begin; d < end; d += together)
    for (std::int64_t t = 0; t < taps; ++t) {
      const T* const from = w + strides.tap(p.phase.taps[t]) + first * strides.width;
      T* const to = packed + t * deep * width;
      const std::int64_t last = std::min(d + together, end);
      for (std::int64_t c = 0; c < there; ++c)
        for (std::int64_t k = d; k < last; ++k)
          to[k * width + c] = from[k * strides.depth + c * strides.width];
      for (std::int64_t k = d; k < last; ++k) std::fill(to + k * width + there, to + (k + 1) * width, T(0));
    }
}

/// All weights, as the micro-kernels read them: group after group, block after block, tap after tap.
template <class T>
void pack_conv_weights(const ConvPlan& plan, const WeightStrides& strides, const T* w, T* packed,
                       const Workers& workers) {
  constexpr std::int64_t part = 64;  // source channels of a task
  const ConvView& v = plan.view;
  const std::int64_t deep = plan.loop == ConvLoop::depthwise ? 1 : v.depth,
                     parts = plan.loop == ConvLoop::dots ? 1 : (deep + part - 1) / part;
  const std::int64_t each = plan.blocks() * parts, phases = static_cast<std::int64_t>(plan.phases.size());
  parallel_for(workers, phases * v.groups * each, [&](std::int64_t index, int) {
    const PhasePlan& p = plan.phases[static_cast<std::size_t>(index / (v.groups * each))];
    const std::int64_t g = index / each % v.groups, block = index % each / parts,
                       begin = index % parts * part;
    const T* const from = w + g * strides.group;
    T* const to = packed + p.weights + g * plan.group_weights(p);
    if (plan.loop == ConvLoop::dots)
      pack_dots(plan, p, strides, from, to);
    else
      pack_block(plan, p, strides, from, block, deep, begin, std::min(begin + part, deep), to);
  });
}

}  // namespace backlight::cpu
