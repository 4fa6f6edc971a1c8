#include "apps/evaluation/overlap.h"

#include <algorithm>

#include "apps/evaluation/pixel_order.h"

namespace backlight {

double best_overlap(std::span<const float> map, std::span<const float> mask) {
  const auto object = std::ranges::count_if(mask, [](float share) { return share >= 0.5f; });
  const std::vector<std::size_t> order = brightest_first(map);
  double best = 0;
  std::ptrdiff_t both = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    both += mask[order[i]] >= 0.5f;
    if (i + 1 < order.size() && map[order[i + 1]] == map[order[i]]) continue;  // no threshold between them
    const auto either = object + static_cast<std::ptrdiff_t>(i + 1) - both;
    best = std::max(best, static_cast<double>(both) / static_cast<double>(either));
  }
  return best;
}

}  // namespace backlight
