#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace backlight {

/// The pixels of a map from the highest value to the lowest; equal ones from the top left on.
inline std::vector<std::size_t> brightest_first(std::span<const float> map) {
  std::vector<std::size_t> order(map.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t pixel) { return map[pixel]; });
  return order;
}

}  // namespace backlight
