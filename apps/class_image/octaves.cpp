#include "apps/class_image/octaves.h"

#include <algorithm>

namespace backlight {

Upsampling::Upsampling(int from, int to) : from_(from), to_(to) {
  for (int i = 0; i < to; ++i) {
    const double place = std::clamp((i + 0.5) * from / to - 0.5, 0.0, from - 1.0);
    const auto low = static_cast<std::size_t>(place);
    taps_.push_back({low, std::min(low + 1, static_cast<std::size_t>(from) - 1),
                     static_cast<float>(place - static_cast<double>(low))});
  }
}

std::vector<float> Upsampling::forward(std::span<const float> picture) const {
  if (from_ == to_) return {picture.begin(), picture.end()};
  std::vector<float> large;
  for (auto plane = picture.begin(); plane != picture.end();
       plane += static_cast<std::ptrdiff_t>(from_) * from_)
    for (const Tap& y : taps_)
      for (const Tap& x : taps_) {
        const auto along = [&](std::size_t row) {
          const auto line = plane + static_cast<std::ptrdiff_t>(row * from_);
          return line[x.low] * (1 - x.share) + line[x.high] * x.share;
        };
        large.push_back(along(y.low) * (1 - y.share) + along(y.high) * y.share);
      }
  return large;
}

std::vector<float> Upsampling::adjoint(std::span<const float> gradient) const {
  if (from_ == to_) return {gradient.begin(), gradient.end()};
  std::vector<float> small(3 * static_cast<std::size_t>(from_) * from_);
  auto g = gradient.begin();
  for (auto plane = small.begin(); plane != small.end(); plane += static_cast<std::ptrdiff_t>(from_) * from_)
    for (const Tap& y : taps_)
      for (const Tap& x : taps_) {
        const auto along = [&](std::size_t row, float value) {
          const auto line = plane + static_cast<std::ptrdiff_t>(row * from_);
          line[x.low] += value * (1 - x.share);
          line[x.high] += value * x.share;
        };
        along(y.low, *g * (1 - y.share));
        along(y.high, *g * y.share);
        ++g;
      }
  return small;
}

std::vector<int> octave_sides(int side, int octaves) {
  std::vector<int> sides{side};
  while (static_cast<int>(sides.size()) < octaves && (sides.back() + 1) / 2 >= 4)
    sides.push_back((sides.back() + 1) / 2);
  std::ranges::reverse(sides);
  return sides;
}

}  // namespace backlight
