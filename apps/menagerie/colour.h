#pragma once

#include <cmath>

#include "apps/menagerie/geometry.h"

namespace backlight::menagerie {

/// Red, green and blue as they are displayed, 0 … 1; more than 1 while light is added.
struct Colour {
  float r = 0, g = 0, b = 0;
};
constexpr Colour operator+(Colour a, Colour b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
constexpr Colour operator*(Colour a, Colour b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }
constexpr Colour operator*(float k, Colour a) { return {k * a.r, k * a.g, k * a.b}; }
constexpr Colour mix(Colour a, Colour b, float t) {
  return {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)};
}
constexpr float luminance(Colour c) { return 0.299f * c.r + 0.587f * c.g + 0.114f * c.b; }

/// Hue (any number; whole numbers are red), saturation and value.
inline Colour hsv(float hue, float saturation, float value) {
  const auto channel = [=](float shift) {
    const float turn = hue + shift, around = 6 * (turn - std::floor(turn));  // 0 … 6
    const float away = around < 3 ? 3 - around : around - 3;
    return value * (1 - saturation * (1 - clamp01(away - 1)));
  };
  return {channel(0), channel(2.0f / 3), channel(1.0f / 3)};
}

constexpr Colour white{1, 1, 1};
constexpr Colour cream{1.0f, 0.95f, 0.86f};
constexpr Colour ink{0.13f, 0.10f, 0.12f};

}  // namespace backlight::menagerie
