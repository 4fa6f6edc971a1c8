#pragma once

#include <algorithm>
#include <cmath>

namespace backlight::menagerie {

/// A point or a direction; y goes down.
struct Vec {
  float x = 0, y = 0;
};
constexpr Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y}; }
constexpr Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y}; }
constexpr Vec operator*(float k, Vec a) { return {k * a.x, k * a.y}; }
constexpr float dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y; }
inline float length(Vec a) { return std::sqrt(dot(a, a)); }

constexpr float mix(float a, float b, float t) { return a + t * (b - a); }
constexpr Vec mix(Vec a, Vec b, float t) { return a + t * (b - a); }
constexpr float clamp01(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }
/// From 0 to 1 as t does, level at both ends.
constexpr float smooth(float t) { return t * t * (3 - 2 * t); }
/// 0 below `low`, 1 above `high`, and smooth between.
constexpr float step(float low, float high, float x) { return smooth(clamp01((x - low) / (high - low))); }

/// A rotation without sine and cosine: `half` is the tangent of half the angle, clockwise on the screen.
struct Turn {
  float cosine = 1, sine = 0;

  static constexpr Turn of(float half) {
    const float square = half * half;
    return {(1 - square) / (1 + square), 2 * half / (1 + square)};
  }
  constexpr Vec operator()(Vec p) const { return {cosine * p.x - sine * p.y, sine * p.x + cosine * p.y}; }
  constexpr Vec back(Vec p) const { return {cosine * p.x + sine * p.y, cosine * p.y - sine * p.x}; }
};

struct Box {
  Vec low, high;

  /// As large as to hold both.
  constexpr Box with(const Box& other) const {
    return {{std::min(low.x, other.low.x), std::min(low.y, other.low.y)},
            {std::max(high.x, other.high.x), std::max(high.y, other.high.y)}};
  }
};

/// Where something stands in the picture: its own coordinates are turned, made `scale` times as large,
/// mirrored where it is flipped, and moved to `origin` (pixels).
struct Frame {
  Vec origin;
  float scale = 1;
  Turn turn;
  bool flipped = false;

  constexpr Vec mirrored(Vec p) const { return {flipped ? -p.x : p.x, p.y}; }
  constexpr Vec to_picture(Vec p) const { return origin + scale * mirrored(turn(p)); }
  constexpr Vec direction_from_picture(Vec d) const { return turn.back(mirrored(d)); }
  constexpr Vec from_picture(Vec p) const { return (1 / scale) * direction_from_picture(p - origin); }
  /// The same frame turned further about `pivot`, in its own coordinates.
  constexpr Frame turned(Turn by, Vec pivot = {}) const {
    Frame result = *this;
    result.turn = {turn.cosine * by.cosine - turn.sine * by.sine,
                   turn.sine * by.cosine + turn.cosine * by.sine};
    result.origin = to_picture(pivot) - scale * mirrored(result.turn(pivot));
    return result;
  }
};

}  // namespace backlight::menagerie
