#pragma once

#include <array>
#include <cstddef>

#include "apps/menagerie/random.h"

namespace backlight::menagerie {

/// Random numbers from 0 to 1 at the points of a grid that repeats every 64.
class NoiseGrid {
 public:
  constexpr NoiseGrid() {
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = static_cast<float>(scramble(i) >> 40) * 0x1p-24f;
  }
  constexpr float at(int x, int y) const {
    return values_[static_cast<std::size_t>((y & (period - 1)) * period + (x & (period - 1)))];
  }

  /// Two numbers for a point with whole coordinates.
  constexpr Vec pair(Vec p) const {
    const int x = static_cast<int>(p.x), y = static_cast<int>(p.y);
    return {at(x, y), at(x + 31, y + 17)};
  }

 private:
  static constexpr int period = 64;
  std::array<float, std::size_t(period) * period> values_{};
};
inline constexpr NoiseGrid noise_grid;

/// Value noise: the numbers of the grid, whose side is 1, smoothly joined; mean 0.5.
inline float noise(Vec p) {
  const float left = std::floor(p.x), top = std::floor(p.y);
  const int x = static_cast<int>(left), y = static_cast<int>(top);
  const float u = smooth(p.x - left), v = smooth(p.y - top);
  return mix(mix(noise_grid.at(x, y), noise_grid.at(x + 1, y), u),
             mix(noise_grid.at(x, y + 1), noise_grid.at(x + 1, y + 1), u), v);
}

/// Octaves of noise, each of twice the frequency and half the height ("fractional Brownian motion"), 0 … 1.
inline float cloud(Vec p, int octaves) {
  // Each octave is turned by the angle of (3, 4, 5), so that the grids do not line up.
  constexpr Turn askew{0.8f, 0.6f};
  float sum = 0, height = 1, total = 0;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += height * noise(p);
    total += height;
    height /= 2;
    p = 2 * askew(p) + Vec{17.3f, 9.7f};
  }
  return sum / total;
}

/// A wave of period 1 between 0 and 1.
inline float wave(float x) {
  const float phase = x - std::floor(x);
  return smooth(phase < 0.5f ? 2 * phase : 2 - 2 * phase);
}

}  // namespace backlight::menagerie
