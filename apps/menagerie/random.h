#pragma once

#include <cstdint>

#include "apps/menagerie/geometry.h"

namespace backlight::menagerie {

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014): 64 bits of which each depends on every bit of `x`.
constexpr std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Numbers that are the same on every machine, which the distributions of the standard library are not.
class Random {
 public:
  /// Streams of other numbers draw other sequences: what one part of a scene draws moves no other part.
  Random(std::uint64_t seed, std::uint64_t index, std::uint64_t stream)
      : state_(scramble(scramble(scramble(seed) ^ index) ^ stream)) {}

  std::uint64_t bits() { return scramble(state_++); }
  /// Evenly from [low, high).
  float uniform(float low = 0, float high = 1) {
    return low + (high - low) * (static_cast<float>(bits() >> 40) * 0x1p-24f);
  }
  /// Near 0, at most 1 away: the mean of three uniform numbers from [-1, 1).
  float middling() {
    float sum = 0;
    for (int i = 0; i < 3; ++i) sum += uniform(-1);
    return sum / 3;
  }
  bool chance(float probability) { return uniform() < probability; }
  /// 0 … count - 1.
  int below(int count) { return static_cast<int>(bits() >> 33) % count; }
  /// A point of the unit disc.
  Vec in_disc() {
    for (;;) {
      const Vec p{uniform(-1), uniform(-1)};
      if (dot(p, p) < 1) return p;
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace backlight::menagerie
