#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "apps/image/image.h"

// Anti-aliased strokes and text. Places are in pixels from the picture's top left corner: pixel (0, 0) is the
// square from 0 to 1.

namespace backlight {

using Colour = std::array<std::uint8_t, 3>;

struct Point {
  double x, y;
};
struct Box {
  double left, top, right, bottom;
};

/// Several lines through points, drawn as one stroke with round ends and corners: where it crosses itself it
/// is not darker. A pixel's share of `colour` is clamp(width / 2 + 1/2 - distance, 0, 1), with the distance
/// of its middle to the nearest line. A line of one point is a dot. Nothing is drawn outside `inside`.
void stroke(Image& image, const std::vector<std::vector<Point>>& lines, double width, Colour colour,
            const Box& inside);
void stroke(Image& image, const std::vector<std::vector<Point>>& lines, double width, Colour colour);

/// A rectangle; a pixel that lies partly within gets its share.
void fill(Image& image, const Box& box, Colour colour);

/// Writes a line of text from `start`, its left end on the base line. `dot` is the distance of the dots of
/// dot_font.h, of any size: neighbours are joined by strokes 1.2 dots wide, or `weight` times that, so that
/// capitals are 7 dots high.
void write_text(Image& image, std::string_view text, Point start, double dot, Colour colour,
                double weight = 1);

/// How many pixels write_text() goes to the right.
double text_width(std::string_view text, double dot);

}  // namespace backlight
