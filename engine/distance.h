#pragma once

#include <cmath>
#include <limits>
#include <vector>

namespace backlight {

/// ‖ours − theirs‖ / ‖theirs‖, Euclidean, in float64; 0 where nothing differs, infinite where one of ours is
/// NaN.
template <class T>
double relative_distance(const std::vector<T>& ours, const std::vector<T>& theirs) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const double a = static_cast<double>(ours[i]), b = static_cast<double>(theirs[i]);
    difference += (a - b) * (a - b);
    norm += b * b;
  }
  if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
  return difference == 0 ? 0 : std::sqrt(difference / norm);
}

}  // namespace backlight
