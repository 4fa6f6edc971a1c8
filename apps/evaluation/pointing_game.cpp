#include "apps/evaluation/pointing_game.h"

#include <algorithm>

namespace backlight {

double pointing_game(std::span<const float> map, std::span<const float> mask) {
  const float maximum = *std::ranges::max_element(map);
  int maxima = 0, hits = 0;
  for (std::size_t p = 0; p < map.size(); ++p) {
    maxima += map[p] == maximum;
    hits += map[p] == maximum && mask[p] >= 0.5f;
  }
  return static_cast<double>(hits) / maxima;
}

}  // namespace backlight
