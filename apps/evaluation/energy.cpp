#include "apps/evaluation/energy.h"

#include <numeric>

namespace backlight {

double energy_on(std::span<const float> map, std::span<const float> mask) {
  return std::inner_product(map.begin(), map.end(), mask.begin(), 0.0);
}

double energy_share(std::span<const float> map, std::span<const float> mask) {
  const double all = std::accumulate(map.begin(), map.end(), 0.0);
  if (all > 0) return energy_on(map, mask) / all;
  return std::accumulate(mask.begin(), mask.end(), 0.0) / static_cast<double>(mask.size());
}

}  // namespace backlight
