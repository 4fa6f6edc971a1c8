#pragma once

#include <algorithm>

#include "kernels/cpu/conv_plan.h"
#include "kernels/cpu/parallel.h"

namespace backlight::cpu {

/// The weights of one phase and group, as the micro-kernels read them. weight(tap, d, w) is the framework's
/// element for source channel d and target channel w of the group.
template <class T, class Weight>
void pack_group(const ConvPlan& plan, const PhasePlan& p, Weight weight, T* packed) {
  const ConvView& v = plan.view;
  std::fill_n(packed, plan.group_weights(p), T(0));
  if (plan.loop == ConvLoop::dots) {  // channel after channel, and each run filled up to whole vectors
    for (std::int64_t w = 0; w < v.width; ++w) {
      auto tap = p.phase.taps.begin();
      for (const Run& run : p.runs) {
        for (std::int64_t k = 0; k < run.length; ++k) packed[k] = weight(tap[k / v.depth], k % v.depth, w);
        tap += run.length / v.depth;
        packed += (run.length + plan.shape.lanes - 1) / plan.shape.lanes * plan.shape.lanes;
      }
    }
    return;
  }
  const std::int64_t deep = plan.loop == ConvLoop::depthwise ? 1 : v.depth;
  for (std::int64_t b = 0; b < plan.blocks(); ++b) {  // block after block, k after k
    const std::int64_t first = plan.block_starts[b] * plan.shape.lanes,
                       end = plan.block_starts[b + 1] * plan.shape.lanes;
    for (const Tap& tap : p.phase.taps)
      for (std::int64_t d = 0; d < deep; ++d, packed += end - first)
        for (std::int64_t w = first; w < std::min(end, v.width); ++w) packed[w - first] = weight(tap, d, w);
  }
}

/// weight(group, tap, d, w) for all groups.
template <class T, class Weight>
void pack_conv_weights(const ConvPlan& plan, Weight weight, T* packed, const Workers& workers) {
  const std::int64_t groups = plan.view.groups;
  parallel_for(workers, static_cast<std::int64_t>(plan.phases.size()) * groups, [&](std::int64_t index, int) {
    const PhasePlan& p = plan.phases[static_cast<std::size_t>(index / groups)];
    const std::int64_t g = index % groups;
    pack_group(
        plan, p, [&](const Tap& tap, std::int64_t d, std::int64_t w) { return weight(g, tap, d, w); },
        packed + p.weights + g * plan.group_weights(p));
  });
}

}  // namespace backlight::cpu
