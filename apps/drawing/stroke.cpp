#include "apps/drawing/stroke.h"

#include <algorithm>
#include <cmath>

#include "apps/drawing/dot_font.h"

namespace backlight {
namespace {

double distance(Point p, Point from, Point to) {
  const double dx = to.x - from.x, dy = to.y - from.y, squared = dx * dx + dy * dy;
  const double along = squared > 0 ? ((p.x - from.x) * dx + (p.y - from.y) * dy) / squared : 0;
  const double nearest = std::clamp(along, 0.0, 1.0);
  const double x = from.x + nearest * dx - p.x, y = from.y + nearest * dy - p.y;
  return std::sqrt(x * x + y * y);
}

/// The pixels of `size` that [low, high] touches: from the first to one past the last.
struct Pixels {
  int first, end;
  Pixels(double low, double high, int size)
      : first(int(std::floor(std::clamp(low, 0.0, double(size))))),
        end(int(std::ceil(std::clamp(high, 0.0, double(size))))) {}
};

/// How much of each pixel one stroke covers, and where it can be other than 0.
class Coverage {
 public:
  explicit Coverage(const Box& inside, const Image& image)
      : columns_(inside.left, inside.right, image.width),
        rows_(inside.top, inside.bottom, image.height),
        width_(std::max(columns_.end - columns_.first, 0)),
        shares_(std::size_t(width_) * std::max(rows_.end - rows_.first, 0)) {}

  void add(Point from, Point to, double reach) {
    const auto [left, right] = std::minmax(from.x, to.x);
    const auto [top, bottom] = std::minmax(from.y, to.y);
    const Pixels x_range(left - reach, right + reach, columns_.end),
        y_range(top - reach, bottom + reach, rows_.end);
    for (int y = std::max(y_range.first, rows_.first); y < y_range.end; ++y)
      for (int x = std::max(x_range.first, columns_.first); x < x_range.end; ++x) {
        const double share = std::clamp(reach - distance({x + 0.5, y + 0.5}, from, to), 0.0, 1.0);
        double& most = shares_[std::size_t(y - rows_.first) * width_ + (x - columns_.first)];
        most = std::max(most, share);
      }
  }

  void paint(Image& image, Colour colour) const {
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      std::uint8_t* pixel = image.at(columns_.first + int(i) % width_, rows_.first + int(i) / width_);
      for (int c = 0; c < 3 && shares_[i] > 0; ++c)
        pixel[c] = std::uint8_t(std::nearbyint(pixel[c] + shares_[i] * (colour[c] - pixel[c])));
    }
  }

 private:
  Pixels columns_, rows_;
  int width_;
  std::vector<double> shares_;
};

/// The strokes of a character whose dot (0, 0) lies at `origin`: each dot joined to its neighbours, to those
/// at a corner only where no other dot leads there.
void add_glyph(char character, Point origin, double dot, std::vector<std::vector<Point>>& lines) {
  const int columns = dots_across(character);
  const auto set = [&](int x, int y) {
    return x >= 0 && x < columns && y < glyph_rows && ink(character, x, y);
  };
  for (int y = 0; y < glyph_rows; ++y)
    for (int x = 0; x < columns; ++x) {
      if (!set(x, y)) continue;
      const auto at = [&](int dx, int dy) {
        return Point{origin.x + (x + dx) * dot, origin.y + (y + dy) * dot};
      };
      lines.push_back({at(0, 0)});
      for (const auto& [dx, dy] : {std::pair(1, 0), {0, 1}, {1, 1}, {-1, 1}})
        if (set(x + dx, y + dy) && (dx == 0 || dy == 0 || (!set(x + dx, y) && !set(x, y + dy))))
          lines.push_back({at(0, 0), at(dx, dy)});
    }
}

}  // namespace

void stroke(Image& image, const std::vector<std::vector<Point>>& lines, double width, Colour colour,
            const Box& inside) {
  const double reach = width / 2 + 0.5;
  Box touched{inside.right, inside.bottom, inside.left, inside.top};
  for (const std::vector<Point>& line : lines)
    for (const Point& point : line)
      touched = {std::min(touched.left, point.x - reach), std::min(touched.top, point.y - reach),
                 std::max(touched.right, point.x + reach), std::max(touched.bottom, point.y + reach)};
  Coverage coverage({std::max(touched.left, inside.left), std::max(touched.top, inside.top),
                     std::min(touched.right, inside.right), std::min(touched.bottom, inside.bottom)},
                    image);
  for (const std::vector<Point>& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      if (i > 0 || line.size() == 1) coverage.add(line[i > 0 ? i - 1 : 0], line[i], reach);
  coverage.paint(image, colour);
}

void stroke(Image& image, const std::vector<std::vector<Point>>& lines, double width, Colour colour) {
  stroke(image, lines, width, colour, {0, 0, double(image.width), double(image.height)});
}

void fill(Image& image, const Box& box, Colour colour) {
  const auto overlap = [](int pixel, double low, double high) {
    return std::clamp(std::min<double>(pixel + 1, high) - std::max<double>(pixel, low), 0.0, 1.0);
  };
  const int left = std::max(0, static_cast<int>(std::floor(box.left))),
            top = std::max(0, static_cast<int>(std::floor(box.top))),
            right = std::min(image.width, static_cast<int>(std::ceil(box.right))),
            bottom = std::min(image.height, static_cast<int>(std::ceil(box.bottom)));
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) {
      const double share = overlap(x, box.left, box.right) * overlap(y, box.top, box.bottom);
      std::uint8_t* pixel = image.at(x, y);
      for (std::size_t c = 0; c < 3; ++c)
        pixel[c] = static_cast<std::uint8_t>(std::lround(pixel[c] + share * (colour[c] - pixel[c])));
    }
}

void write_text(Image& image, std::string_view text, Point start, double dot, Colour colour, double weight) {
  std::vector<std::vector<Point>> lines;
  Point origin{start.x + dot / 2, start.y - (glyph_baseline + 0.5) * dot};
  for (const char character : in_ascii(text)) {
    add_glyph(character, origin, dot, lines);
    origin.x += (dots_across(character) + 1) * dot;
  }
  stroke(image, lines, 1.2 * weight * dot, colour);
}

double text_width(std::string_view text, double dot) { return dots_across(in_ascii(text)) * dot; }

}  // namespace backlight
