#pragma once

#include <array>

#include "apps/menagerie/geometry.h"

// Plane shapes that stand for round bodies. At a point each gives the signed distance to its outline,
// negative inside, and how the body's surface is turned there.

namespace backlight::menagerie {

struct Surface {
  float distance;
  /// The x and y of the unit normal; z, towards the viewer, is what is left of 1.
  Vec normal;
};

struct Ellipse {
  Vec centre, radius;
  Turn turn = {};

  /// The distance is the first-order estimate f / |∇f| of f = |p / r|² - 1, scaled to be exact for circles.
  Surface at(Vec p) const {
    const Vec q = turn.back(p - centre);
    const Vec unit{q.x / radius.x, q.y / radius.y};
    const float far = length(unit), slope = length({unit.x / radius.x, unit.y / radius.y});
    const float distance = slope > 1e-6f ? far * (far - 1) / slope : -std::min(radius.x, radius.y);
    return {distance, turn((1 / std::max(far, 1.0f)) * unit)};
  }
  Box box() const {
    const auto extent = [](float a, float b) { return std::sqrt(a * a + b * b); };
    const Vec reach{extent(radius.x * turn.cosine, radius.y * turn.sine),
                    extent(radius.x * turn.sine, radius.y * turn.cosine)};
    return {centre - reach, centre + reach};
  }
  Vec middle() const { return centre; }
};

inline Ellipse circle(Vec centre, float radius) { return {centre, {radius, radius}}; }

/// A line through points with a radius at each: limbs, tails, pointed ears, whiskers.
class Stroke {
 public:
  /// A straight line.
  Stroke(Vec from, float from_radius, Vec to, float to_radius) {
    add(from, from_radius);
    add(to, to_radius);
  }
  /// A quadratic Bézier curve, its radius quadratic in the same way.
  Stroke(Vec from, float from_radius, Vec via, float via_radius, Vec to, float to_radius) {
    add(from, from_radius);
    bend(via, via_radius, to, to_radius);
  }
  /// Goes on with another curve.
  Stroke& bend(Vec via, float via_radius, Vec to, float to_radius) {
    constexpr int pieces = 5;
    const Knot start = knots_[static_cast<std::size_t>(count_ - 1)];
    for (int i = 1; i <= pieces; ++i) {
      const float t = static_cast<float>(i) / pieces;
      add(mix(mix(start.at, via, t), mix(via, to, t), t),
          mix(mix(start.radius, via_radius, t), mix(via_radius, to_radius, t), t));
    }
    return *this;
  }

  Surface at(Vec p) const {
    float nearest = 1e9f, nearest_radius = 1;
    Vec nearest_away;
    for (int i = 1; i < count_; ++i) {
      const Knot& a = knots_[static_cast<std::size_t>(i - 1)];
      const Knot& b = knots_[static_cast<std::size_t>(i)];
      const float t = clamp01(dot(p - a.at, a.next));
      const float radius = mix(a.radius, b.radius, t);
      const Vec away = p - mix(a.at, b.at, t);
      const float distance = length(away) - radius;
      if (distance < nearest) {
        nearest = distance;
        nearest_radius = radius;
        nearest_away = away;
      }
    }
    return {nearest, (1 / std::max(nearest + nearest_radius, nearest_radius)) * nearest_away};
  }
  Box box() const {
    Box all = around(knots_[0]);
    for (int i = 1; i < count_; ++i) all = all.with(around(knots_[static_cast<std::size_t>(i)]));
    return all;
  }
  Vec middle() const { return knots_[static_cast<std::size_t>(count_ / 2)].at; }

 private:
  struct Knot {
    Vec at;
    float radius;
    Vec next = {};  // towards the next knot, divided by the squared distance to it
  };
  static Box around(const Knot& k) {
    return {k.at - Vec{k.radius, k.radius}, k.at + Vec{k.radius, k.radius}};
  }
  void add(Vec at, float radius) {
    if (count_ > 0) {
      Knot& last = knots_[static_cast<std::size_t>(count_ - 1)];
      const Vec along = at - last.at;
      last.next = (1 / std::max(dot(along, along), 1e-12f)) * along;
    }
    knots_.at(static_cast<std::size_t>(count_++)) = {at, radius};
  }

  std::array<Knot, 20> knots_;
  int count_ = 0;
};

}  // namespace backlight::menagerie
