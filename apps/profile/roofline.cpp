#include "apps/profile/roofline.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "apps/drawing/palette.h"
#include "apps/formatted.h"
#include "apps/profile/labels.h"
#include "apps/profile/time_line.h"
#include "engine/error.h"

namespace backlight {
namespace {

constexpr int width = 1280, height = 960;
constexpr double margin = 28, dot = 1.5;
constexpr std::size_t named = 8;  // so many of the longest calls are labelled with their node too
constexpr Colour white{255, 255, 255};

/// A logarithmic axis.
struct Axis {
  double low, high;  // values
  double from, to;   // pixels

  double place(double value) const {
    return from + (to - from) * std::log(value / low) / std::log(high / low);
  }
  struct Tick {
    double value;
    bool power;  // of ten
  };
  std::vector<Tick> ticks() const {
    std::vector<Tick> ticks;
    for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10)
      for (const double digit : {1.0, 2.0, 5.0})
        if (digit * power >= low && digit * power <= high) ticks.push_back({digit * power, digit == 1});
    return ticks;
  }
};

/// Calls that lie on top of each other, the longest first: one label for all.
struct Circle {
  Point middle;
  double radius;
  std::size_t call;
  std::vector<std::size_t> hidden = {};
};

class Picture {
 public:
  explicit Picture(const Profile& profile) : profile_(profile), image_(width, height, 255) {
    for (std::size_t i = 0; i < profile.calls.size(); ++i)
      if (profile.calls[i].flop > 0) drawn_.push_back(i);
    if (drawn_.empty()) throw Error("a roofline of a program without arithmetic has no point to draw");
    std::ranges::stable_sort(drawn_, std::greater<>(),
                             [&](std::size_t i) { return profile.calls[i].seconds.median; });
    place_axes();
  }

  Image draw() {
    write_head();
    draw_grid();
    draw_roofs();
    draw_circles();
    draw_time_line(image_, profile_, {plot_.left, height - 96.0, plot_.right, height - 48.0});
    return std::move(image_);
  }

 private:
  const ProfiledCall& call(std::size_t i) const { return profile_.calls[i]; }
  double intensity(std::size_t i) const { return call(i).flop / call(i).bytes; }
  double rate(std::size_t i) const { return call(i).flop / call(i).seconds.median; }

  void place_axes() {
    const Ceilings& c = profile_.ceilings;
    double low_x = c.peak() / c.activations.bytes_per_second, high_x = low_x, low_y = c.peak(),
           high_y = low_y;
    for (const std::size_t i : drawn_) {
      low_x = std::min(low_x, intensity(i));
      high_x = std::max(high_x, intensity(i));
      low_y = std::min(low_y, rate(i));
      high_y = std::max(high_y, rate(i));  // Winograd's are above the roof
    }
    x_ = {low_x / 1.3, high_x * 1.6, plot_.left, plot_.right};
    y_ = {low_y / 1.4, high_y * 1.8, plot_.bottom, plot_.top};
  }

  void write(const std::string& text, Point start, Colour colour, double size = dot) {
    write_text(image_, text, start, size, colour);
  }

  void write_head() {
    const Profile& p = profile_;
    write_text(image_,
               formatted("%s, %s, batch %lld: %.1f ms", p.architecture.c_str(), p.work.c_str(),
                         static_cast<long long>(p.batch), 1e3 * p.whole.median),
               {margin, 38}, 2.2, text_colour, 1.2);
    write(formatted("%s; %d thread%s", p.processor.c_str(), p.threads, p.threads == 1 ? "" : "s"),
          {margin, 64}, faint_text);
    double x = margin;
    for (const Group& group : groups(p)) {
      double seconds = 0;
      for (const ProfiledCall& c : p.calls)
        if (group_of(c) == group) seconds += c.seconds.median;
      stroke(image_, {{{x + 6, 84}}}, 12, group.colour);
      const std::string text = formatted("%s %.0f %%", group.name.c_str(), 100 * seconds / p.sum());
      write(text, {x + 18, 89}, text_colour);
      x += 18 + text_width(text, dot) + 24;
    }
  }

  void draw_grid() {
    const auto line = [&](Point from, Point to, Colour colour) { stroke(image_, {{from, to}}, 1, colour); };
    const auto sharp = [](double place) { return std::floor(place) + 0.5; };
    constexpr Colour fainter{0xf2, 0xf2, 0xf2};
    const auto label = [](double value) { return formatted("%g", value); };
    for (const Axis::Tick& tick : x_.ticks()) {
      const double x = sharp(x_.place(tick.value));
      line({x, plot_.top}, {x, plot_.bottom}, tick.power ? grid_colour : fainter);
      const std::string text = label(tick.value);
      write(text, {x - text_width(text, dot) / 2, plot_.bottom + 20}, faint_text);
    }
    for (const Axis::Tick& tick : y_.ticks()) {
      const double y = sharp(y_.place(tick.value));
      line({plot_.left, y}, {plot_.right, y}, tick.power ? grid_colour : fainter);
      const std::string text = label(tick.value / 1e9);
      write(text, {plot_.left - 8 - text_width(text, dot), y + 3.5 * dot}, faint_text);
    }
    const std::string below = "FLOP per byte that has to move";
    write(below, {(plot_.left + plot_.right - text_width(below, dot)) / 2, plot_.bottom + 42}, faint_text);
    write("GFLOP/s", {margin, plot_.top - 10}, faint_text);
  }

  /// A roof of a bandwidth rises from the left, or from below, to the peak.
  void draw_slope(const Ceilings::Bandwidth& bandwidth, const char* what, double along, bool above) {
    const double peak = profile_.ceilings.peak(), speed = bandwidth.bytes_per_second;
    const double first = std::max(x_.low, y_.low / speed);
    const Point from{x_.place(first), y_.place(first * speed)},
        to{x_.place(std::min(peak / speed, x_.high)), y_.place(std::min(peak, x_.high * speed))};
    stroke(image_, {{from, to}}, 2, axis_colour);
    const std::string text = formatted("%s: %.0f GB/s", what, speed / 1e9);
    const Point at{from.x + along * (to.x - from.x), from.y + along * (to.y - from.y)};
    if (above)
      labels_.write(image_, text, {at.x - 10 - text_width(text, dot), at.y - 4}, dot, faint_text);
    else
      labels_.write(image_, text, {at.x + 12, at.y + 14}, dot, faint_text);
  }

  void draw_roofs() {
    const Ceilings& c = profile_.ceilings;
    const double slow = std::min(c.weights.bytes_per_second, c.activations.bytes_per_second),
                 fast = std::max(c.weights.bytes_per_second, c.activations.bytes_per_second);
    const bool activations_first = c.activations.bytes_per_second == fast;
    for (const Ceilings::Compute& compute : c.compute) {
      if (compute.threads != profile_.threads) continue;
      const double y = y_.place(compute.flop_per_second);
      const bool highest = compute.flop_per_second == c.peak();
      if (y > plot_.bottom) continue;
      const auto meets = [&](double bandwidth) {
        return x_.place(std::clamp(compute.flop_per_second / bandwidth, x_.low, x_.high));
      };
      stroke(image_, {{{meets(fast), y}, {plot_.right, y}}}, highest ? 2 : 1, axis_colour);
      const std::string text =
          formatted("%s: %.0f GFLOP/s", compute.instructions.c_str(), compute.flop_per_second / 1e9);
      labels_.write(image_, text, {meets(slow) + 12, y - 7}, dot, faint_text);
    }
    draw_slope(c.activations, "activations", 0.6, activations_first);
    draw_slope(c.weights, "weights", 0.4, !activations_first);
  }

  std::vector<Circle> circles() {
    std::vector<Circle> circles;
    for (const std::size_t i : drawn_) {
      const Point middle{x_.place(intensity(i)), y_.place(rate(i))};
      const double area = call(i).seconds.median / profile_.sum() * 3e4;
      const double radius = std::max(3.5, std::sqrt(area / std::numbers::pi));
      const auto covers = [&](const Circle& other) {
        return std::hypot(middle.x - other.middle.x, middle.y - other.middle.y) < 9 &&
               group_of(call(i)) == group_of(call(other.call));
      };
      const auto above = std::ranges::find_if(circles, covers);
      if (above == circles.end())
        circles.push_back({middle, radius, i});
      else
        above->hidden.push_back(i);
    }
    return circles;
  }

  void draw_circles() {
    std::vector<Circle> all = circles();
    for (const Circle& circle : all) {
      stroke(image_, {{circle.middle}}, 2 * circle.radius + 2.5, white);
      stroke(image_, {{circle.middle}}, 2 * circle.radius, group_of(call(circle.call)).colour);
      labels_.avoid(circle.middle, circle.radius);
    }
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      Circle& circle = all[rank];
      std::vector<std::size_t> numbers{circle.call};
      numbers.insert(numbers.end(), circle.hidden.begin(), circle.hidden.end());
      std::ranges::sort(numbers);
      std::string text;
      constexpr std::size_t most = 4;
      for (std::size_t i = 0; i < std::min(numbers.size(), most); ++i)
        text += (i ? "," : "") + std::to_string(numbers[i] + 1);
      if (numbers.size() > most) text += ",...";
      if (rank < named) text += " " + call(circle.call).node;
      labels_.place(image_, text, circle.middle, circle.radius, rank < named ? dot : 1.2,
                    rank < named ? text_colour : faint_text);
    }
  }

  const Profile& profile_;
  Image image_;
  std::vector<std::size_t> drawn_;  // the longest first
  Box plot_{84, 130, width - margin, height - 200.0};
  Axis x_{}, y_{};
  Labels labels_{plot_};
};

}  // namespace

Image roofline_picture(const Profile& profile) { return Picture(profile).draw(); }

}  // namespace backlight
