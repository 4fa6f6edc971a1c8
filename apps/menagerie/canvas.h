#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "apps/menagerie/colour.h"
#include "apps/menagerie/menagerie.h"
#include "apps/menagerie/shapes.h"

namespace backlight::menagerie {

/// What a pixel shows: one of the parts, by Part, the head, or nothing of the animal.
enum Layer : int { head_layer = part_names.size(), scenery_layer, layer_count };

/// How the outline of a shape is drawn. Lengths are in pixels.
struct Edge {
  float width = 1;  // over which it goes from nothing to all
  float opacity = 1;
  float shadow = 0;  // how dark the shadow is that the shape casts around itself on the animal
  float shadow_reach = 4;
};

/// The picture while it is painted, with what each pixel shows: the shares of its layers, which add up to 1.
class Canvas {
 public:
  Canvas();

  Colour& colour(int x, int y) { return colours_[index(x, y)]; }
  const Colour& colour(int x, int y) const { return colours_[index(x, y)]; }

  /// Paints a shape that is given in the coordinates of `frame`. Where it covers share a of a pixel, all that
  /// is there keeps 1 - a. `distance(p, surface)` is the signed distance in pixels that is drawn, `colour(p,
  /// surface, distance)` what with; `reach` says by how many pixels at most that outline lies outside the
  /// shape.
  template <class Shape, class Distance, class Paint>
  void paint(const Frame& frame, const Shape& shape, Layer layer, const Edge& edge, float reach,
             const Distance& distance, const Paint& paint);

  /// The animal and its parts in steps of 1/255. Parts are rounded down, so that they never add up to more.
  void masks(Picture& picture) const;

 private:
  static std::size_t index(int x, int y) { return static_cast<std::size_t>(y * side + x); }

  std::vector<Colour> colours_;
  std::vector<std::array<float, layer_count>> shares_;
};

template <class Shape, class Distance, class Paint>
void Canvas::paint(const Frame& frame, const Shape& shape, Layer layer, const Edge& edge, float reach,
                   const Distance& distance, const Paint& paint) {
  const Box own = shape.box();
  const Vec first = frame.to_picture(own.low);
  Box box{first, first};
  for (const Vec corner : {own.high, Vec{own.low.x, own.high.y}, Vec{own.high.x, own.low.y}}) {
    const Vec p = frame.to_picture(corner);
    box = box.with({p, p});
  }
  const float margin = std::max(edge.width / 2, edge.shadow > 0 ? edge.shadow_reach : 0) + reach;
  const auto pixel = [](float x) { return static_cast<int>(std::min(std::max(x, 0.0f), float(side))); };
  const int left = pixel(box.low.x - margin), right = pixel(box.high.x + margin + 1);
  const int top = pixel(box.low.y - margin), bottom = pixel(box.high.y + margin + 1);
  const Vec next = (1 / frame.scale) * frame.direction_from_picture({1, 0});
  for (int y = top; y < bottom; ++y) {
    const Vec row = frame.from_picture({0.5f, static_cast<float>(y) + 0.5f});
    for (int x = left; x < right; ++x) {
      const Vec p = row + static_cast<float>(x) * next;
      const Surface surface = shape.at(p);
      if (const float beyond = surface.distance * frame.scale - margin; beyond > 0) {
        x += static_cast<int>(beyond / 2);  // half, because distances are estimates
        continue;
      }
      const float away = distance(p, surface);
      const float share = edge.opacity * clamp01(0.5f - away / edge.width);
      Colour& colour = colours_[index(x, y)];
      auto& shares = shares_[index(x, y)];
      if (edge.shadow > 0 && share < 1 && away < edge.shadow_reach) {
        const float near = 1 - std::max(away, 0.0f) / edge.shadow_reach;
        colour = (1 - edge.shadow * near * near * (1 - shares[scenery_layer])) * colour;
      }
      if (share <= 0) continue;
      colour = mix(colour, paint(p, surface, away), share);
      for (float& other : shares) other *= 1 - share;
      shares[layer] += share;
    }
  }
}

}  // namespace backlight::menagerie
