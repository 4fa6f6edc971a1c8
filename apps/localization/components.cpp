#include "apps/localization/components.h"

#include <algorithm>

namespace backlight {

std::vector<std::uint8_t> largest_component(std::span<const std::uint8_t> mask, int width) {
  const int height = static_cast<int>(mask.size()) / width;
  std::vector<bool> seen(mask.size(), false);
  std::vector<std::size_t> largest, component;  // pixels; a component grows while it is walked
  const auto add = [&](int x, int y) {
    const auto pixel =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
    if (mask[pixel] == 0 || seen[pixel]) return;
    seen[pixel] = true;
    component.push_back(pixel);
  };
  for (int top = 0; top < height; ++top)
    for (int left = 0; left < width; ++left) {
      component.clear();
      add(left, top);
      for (std::size_t i = 0; i < component.size(); ++i) {
        const int x = static_cast<int>(component[i]) % width, y = static_cast<int>(component[i]) / width;
        for (int v = std::max(y - 1, 0); v <= std::min(y + 1, height - 1); ++v)
          for (int u = std::max(x - 1, 0); u <= std::min(x + 1, width - 1); ++u) add(u, v);
      }
      if (component.size() > largest.size()) std::swap(component, largest);
    }
  std::vector<std::uint8_t> result(mask.size(), 0);
  for (const std::size_t pixel : largest) result[pixel] = 255;
  return result;
}

}  // namespace backlight
