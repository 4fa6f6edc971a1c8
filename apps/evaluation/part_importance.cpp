#include "apps/evaluation/part_importance.h"

#include <limits>
#include <numeric>

#include "apps/evaluation/energy.h"
#include "apps/evaluation/rank_correlation.h"

namespace backlight {

std::vector<menagerie::Part> visible_parts(const Sample& sample) {
  std::vector<menagerie::Part> visible;
  for (std::size_t part = 0; part < sample.parts.size(); ++part) {
    const Mask& mask = sample.parts[part];
    if (std::accumulate(mask.begin(), mask.end(), 0.0) * 1000 >= static_cast<double>(mask.size()))
      visible.push_back(static_cast<menagerie::Part>(part));
  }
  return visible;
}

double part_importance(std::span<const float> map, const Sample& sample, std::span<const PartDrop> drops) {
  if (drops.size() < 3) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> masses, falls;
  for (const PartDrop& part : drops) {
    masses.push_back(energy_on(map, sample.parts[static_cast<std::size_t>(part.part)]));
    falls.push_back(part.drop);
  }
  return rank_correlation(masses, falls);
}

}  // namespace backlight
