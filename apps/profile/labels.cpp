#include "apps/profile/labels.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "apps/drawing/palette.h"

namespace backlight {
namespace {

double common_area(const Box& a, const Box& b) {
  const double across = std::min(a.right, b.right) - std::max(a.left, b.left),
               down = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return across > 0 && down > 0 ? across * down : 0;
}

bool within(const Box& a, const Box& b) {
  return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}

/// Where a text of this size lies that leaves the disc in a direction: its nearest edge or corner at the end.
Box beside(Point end, double angle, double across, double down) {
  const double x = std::cos(angle), y = std::sin(angle);
  const double left = x > 0.3 ? end.x : x < -0.3 ? end.x - across : end.x - across / 2;
  const double top = y > 0.3 ? end.y : y < -0.3 ? end.y - down : end.y - down / 2;
  return {left, top, left + across, top + down};
}

}  // namespace

void Labels::avoid(Point middle, double radius) {
  discs_.push_back({middle.x - radius, middle.y - radius, middle.x + radius, middle.y + radius});
}

void Labels::write(Image& image, const std::string& text, Point start, double dot, Colour colour) {
  texts_.push_back({start.x, start.y - 7 * dot, start.x + text_width(text, dot), start.y});
  write_text(image, text, start, dot, colour);
}

void Labels::place(Image& image, const std::string& text, Point middle, double radius, double dot,
                   Colour colour) {
  constexpr double gap = 3;
  const double across = text_width(text, dot), down = 7 * dot;
  const auto cost = [&](const Box& box) {
    if (!within(box, inside_)) return HUGE_VAL;
    const Box room{box.left - gap, box.top - gap, box.right + gap, box.bottom + gap};
    double covered = 0;
    for (const Box& other : texts_)
      if (common_area(room, other) > 0) return HUGE_VAL;
    for (const Box& disc : discs_) covered += common_area(room, disc);
    return covered;
  };
  std::optional<Box> best;
  double least = HUGE_VAL, distance = 0;
  for (const double away : {0.0, 12.0, 26.0, 44.0, 66.0})
    for (int direction = 0; direction < 16; ++direction) {
      const double angle = direction * std::numbers::pi / 8, reach = radius + 4 + away;
      const Box box = beside({middle.x + reach * std::cos(angle), middle.y + reach * std::sin(angle)}, angle,
                             across, down);
      const double its = cost(box) + 3 * away;
      if (its < least) least = its, best = box, distance = away;
    }
  if (!best) return;
  if (distance > 0)
    stroke(image,
           {{middle,
             {std::clamp(middle.x, best->left, best->right), std::clamp(middle.y, best->top, best->bottom)}}},
           0.8, axis_colour);
  write(image, text, {best->left, best->bottom}, dot, colour);
}

}  // namespace backlight
