#include "apps/evaluation/box_overlap.h"

#include <algorithm>

#include "apps/localization/localization.h"

namespace backlight {

double box_overlap(std::span<const float> map, const Sample& sample) {
  std::vector<std::uint8_t> shown(sample.animal.size());
  std::ranges::transform(sample.animal, shown.begin(), [](float share) { return share >= 0.5f ? 255 : 0; });
  const std::optional<Box> truth = bounding_box(shown, sample.picture.width);
  return truth && intersection_over_union(localize(sample.picture, map).box, *truth) >= 0.5;
}

}  // namespace backlight
