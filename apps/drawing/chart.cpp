#include "apps/drawing/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/drawing/palette.h"
#include "apps/drawing/stroke.h"
#include "engine/error.h"

namespace backlight {
namespace {

constexpr std::size_t colours = std::size(palette);

using Lines = std::vector<std::vector<Point>>;

bool drawn(const Series& series, std::size_t i) {
  return std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

/// One axis: from low to high, with a tick at every multiple of step.
struct Axis {
  double low, high, step;

  std::vector<double> ticks() const {
    std::vector<double> ticks;
    const double slack = 1e-9 * (high - low);
    for (double i = std::ceil((low - slack) / step); i * step <= high + slack; ++i) ticks.push_back(i * step);
    return ticks;
  }
  double share(double value) const { return (value - low) / (high - low); }
};

/// The smallest of 1, 2 and 5 times a power of ten that cuts `length` into at most `count` steps.
double round_step(double length, double count) {
  const double least = length / count, power = std::pow(10, std::floor(std::log10(least)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power >= least * (1 - 1e-9)) return digit * power;
  return 10 * power;
}

Axis make_axis(double low, double high, double count) {
  if (!(high - low < HUGE_VAL)) throw Error("a chart cannot span more than the largest number");
  if (!(high - low >
        1e-12 * std::max(std::abs(low), std::abs(high)))) {  // all at one value: that is the middle
    const double margin = low == 0 ? 1 : std::abs(low) / 2;
    return make_axis(low - margin, high + margin, count);
  }
  return {low, high, round_step(high - low, count)};
}

/// As many decimals as tell neighbouring ticks apart.
std::string tick_label(double value, const Axis& axis) {
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  char text[64];
  if (largest >= 1e7 || axis.step < 1e-5)
    std::snprintf(text, sizeof text, "%.4g", std::abs(value) < axis.step / 2 ? 0 : value);
  else
    std::snprintf(text, sizeof text, "%.*f", int(std::max(0.0, std::ceil(-std::log10(axis.step) - 1e-9))),
                  std::abs(value) < axis.step / 2 ? 0 : value);
  return text;
}

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// The parts of a series between its gaps.
template <class ToPixels>
Lines parts(const Series& series, const ToPixels& to_pixels) {
  Lines lines(1);
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (drawn(series, i))
      lines.back().push_back(to_pixels(series.x[i], series.y[i]));
    else if (!lines.back().empty())
      lines.emplace_back();
  }
  return lines;
}

/// Pieces of `on` pixels along the lines, `off` pixels apart.
Lines dashed(const Lines& lines, double on, double off) {
  Lines dashes;
  for (const std::vector<Point>& line : lines) {
    double left = on;  // of the dash or gap that is being drawn
    bool ink = true;
    if (!line.empty()) dashes.push_back({line[0]});
    for (std::size_t i = 1; i < line.size(); ++i) {
      Point from = line[i - 1];
      const Point to = line[i];
      for (double length = std::hypot(to.x - from.x, to.y - from.y); length > 0;) {
        const double piece = std::min(left, length);
        from = {from.x + (to.x - from.x) * piece / length, from.y + (to.y - from.y) * piece / length};
        if (ink) dashes.back().push_back(from);
        length -= piece;
        left -= piece;
        if (left > 0) continue;
        ink = !ink;
        left = ink ? on : off;
        if (ink) dashes.push_back({from});
      }
    }
  }
  return dashes;
}

/// The picture while it is drawn: sizes grow with it, `unit` is 1 at 640 x 400.
class Chart {
 public:
  Chart(const std::vector<Series>& series, const ChartOptions& options)
      : series_(series),
        options_(options),
        unit_(std::max(std::min(options.width / 640.0, options.height / 400.0), 0.75)),
        image_(options.width, options.height, 255) {
    Range x, y;
    for (const Series& one : series)
      for (std::size_t i = 0; i < one.x.size(); ++i)
        if (drawn(one, i)) {
          x.include(one.x[i]);
          y.include(one.y[i]);
        }
    if (x.low > x.high) throw Error("a chart of \"" + options.title + "\" has no point to draw");
    y_ = make_axis(options.y_range ? options.y_range->first : y.low,
                   options.y_range ? options.y_range->second : y.high, options.height / (60 * unit_));
    if (!options.y_range)
      y_ = {std::floor(y_.low / y_.step + 1e-9) * y_.step, std::ceil(y_.high / y_.step - 1e-9) * y_.step,
            y_.step};
    x_ = make_axis(x.low, x.high, options.width / (80 * unit_));
    const bool whole = std::all_of(series.begin(), series.end(), [](const Series& one) {
      return std::all_of(one.x.begin(), one.x.end(), [](double v) { return v == std::floor(v); });
    });
    if (whole) x_.step = std::max(x_.step, 1.0);  // there is no epoch 1.5
  }

  Image draw() {
    write_head();
    place_plot();
    draw_grid();
    for (std::size_t i = 0; i < series_.size(); ++i)
      draw_series(i, parts(series_[i], [this](double x, double y) { return to_pixels(x, y); }), clip_);
    return std::move(image_);
  }

 private:
  double dot() const { return 1.3 * unit_; }
  double margin() const { return 16 * unit_; }

  void write(std::string_view text, Point start, Colour colour) {
    write_text(image_, text, start, dot(), colour);
  }

  /// Title, name of the vertical axis and legend, one below the other; head_ is where they end.
  void write_head() {
    head_ = margin();
    if (!options_.title.empty()) {
      write_text(image_, options_.title, {margin(), head_ + 12 * unit_}, 1.6 * unit_, text_colour, 1.25);
      head_ += 26 * unit_;
    }
    if (series_.size() > 1 || (!series_.empty() && !series_[0].name.empty())) write_legend();
    if (!options_.y_label.empty()) {
      write(options_.y_label, {margin(), head_ + 10 * unit_}, faint_text);
      head_ += 20 * unit_;
    }
    head_ += 4 * unit_;
  }

  void write_legend() {
    const double sample = 22 * unit_, gap = 7 * unit_, right = options_.width - margin();
    double x = margin();
    for (std::size_t i = 0; i < series_.size(); ++i) {
      const double width = sample + gap + text_width(series_[i].name, dot());
      if (x > margin() && x + width > right) {
        x = margin();
        head_ += 18 * unit_;
      }
      const double middle = head_ + 6 * unit_;
      draw_series(i, {{{x + 2 * unit_, middle}, {x + sample - 2 * unit_, middle}}}, whole());
      write(series_[i].name, {x + sample + gap, head_ + 10.5 * unit_}, text_colour);
      x += width + 18 * unit_;
    }
    head_ += 24 * unit_;
  }

  void place_plot() {
    double labels = 0;
    for (const double tick : y_.ticks()) labels = std::max(labels, text_width(tick_label(tick, y_), dot()));
    plot_ = {std::nearbyint(margin() + labels + 8 * unit_), std::nearbyint(head_ + 2 * unit_),
             std::nearbyint(options_.width - margin() - 6 * unit_),
             std::nearbyint(options_.height - (options_.x_label.empty() ? 32 : 50) * unit_)};
    if (plot_.right - plot_.left < 16 || plot_.bottom - plot_.top < 16)
      throw Error("a chart of " + std::to_string(options_.width) + " x " + std::to_string(options_.height) +
                  " pixels has no room beside its labels");
    const double room = 3 * unit_;  // for half a line's width
    clip_ = {plot_.left - room, plot_.top - room, plot_.right + room, plot_.bottom + room};
  }

  void draw_grid() {
    const double thin = std::max(1.0, std::floor(unit_));
    const auto line = [&](Point from, Point to, Colour colour) {
      stroke(image_, {{from, to}}, thin, colour);
    };
    const auto sharp = [](double place) { return std::floor(place) + 0.5; };  // the middle of a pixel
    for (const double tick : y_.ticks()) {
      const double y = sharp(to_pixels(x_.low, tick).y);
      line({plot_.left, y}, {plot_.right, y}, grid_colour);
      const std::string text = tick_label(tick, y_);
      write(text, {plot_.left - 8 * unit_ - text_width(text, dot()), y + 3.5 * dot()}, faint_text);
    }
    for (const double tick : x_.ticks()) {
      const double x = sharp(to_pixels(tick, y_.low).x);
      line({x, plot_.bottom}, {x, plot_.bottom + 4 * unit_}, axis_colour);
      const std::string text = tick_label(tick, x_);
      write(text, {x - text_width(text, dot()) / 2, plot_.bottom + 18 * unit_}, faint_text);
    }
    line({plot_.left, sharp(plot_.bottom)}, {plot_.right, sharp(plot_.bottom)}, axis_colour);
    if (!options_.x_label.empty())
      write(options_.x_label,
            {(plot_.left + plot_.right - text_width(options_.x_label, dot())) / 2, plot_.bottom + 38 * unit_},
            faint_text);
  }

  /// In the colour of series i; the second time round the palette, dashed.
  void draw_series(std::size_t i, const Lines& lines, const Box& inside) {
    const double width = 2.6 * unit_;
    const bool dashes = i / colours % 2 == 1;
    stroke(image_, dashes ? dashed(lines, 2.5 * width, 2.5 * width) : lines, width, palette[i % colours],
           inside);
    for (const std::vector<Point>& line : lines)  // what stands alone between gaps
      if (line.size() == 1) stroke(image_, {line}, 2 * width, palette[i % colours], inside);
  }

  Box whole() const { return {0, 0, double(options_.width), double(options_.height)}; }

  Point to_pixels(double x, double y) const {
    const double across = plot_.left + x_.share(x) * (plot_.right - plot_.left),
                 down = plot_.bottom - y_.share(y) * (plot_.bottom - plot_.top);
    return {across, std::clamp(down, -1e6, 1e6)};
  }

  const std::vector<Series>& series_;
  const ChartOptions& options_;
  double unit_, head_ = 0;
  Axis x_, y_;
  Box plot_{}, clip_{};
  Image image_;
};

}  // namespace

Image line_chart(const std::vector<Series>& series, const ChartOptions& options) {
  for (const Series& one : series)
    if (one.x.size() != one.y.size())
      throw Error("the line \"" + one.name + "\" of a chart has " + std::to_string(one.x.size()) + " x and " +
                  std::to_string(one.y.size()) + " y");
  if (options.y_range && !(options.y_range->first < options.y_range->second))
    throw Error("the vertical axis of a chart goes from its low to its high end");
  return Chart(series, options).draw();
}

}  // namespace backlight
