#include "apps/evaluation/baselines.h"

#include <algorithm>
#include <cmath>

namespace backlight {

std::vector<float> centre(std::span<const float> /*image*/, int side) {
  const double middle = (side - 1) / 2.0, sigma = side / 4.0;
  std::vector<float> map;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double squared = (x - middle) * (x - middle) + (y - middle) * (y - middle);
      map.push_back(static_cast<float>(std::exp(-squared / (2 * sigma * sigma))));
    }
  return map;
}

std::vector<float> edges(std::span<const float> image, int side) {
  const auto grey = [&, plane = image.size() / 3](int x, int y) {
    const std::size_t at = static_cast<std::size_t>(std::clamp(y, 0, side - 1)) * side +
                           static_cast<std::size_t>(std::clamp(x, 0, side - 1));
    return 0.299f * image[at] + 0.587f * image[at + plane] + 0.114f * image[at + 2 * plane];
  };
  std::vector<float> map;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const auto column = [&](int at) { return grey(at, y - 1) + 2 * grey(at, y) + grey(at, y + 1); };
      const auto row = [&](int at) { return grey(x - 1, at) + 2 * grey(x, at) + grey(x + 1, at); };
      map.push_back(std::hypot(column(x + 1) - column(x - 1), row(y + 1) - row(y - 1)));
    }
  return map;
}

}  // namespace backlight
