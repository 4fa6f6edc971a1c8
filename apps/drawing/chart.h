#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/image/image.h"

namespace backlight {

/// One line of a chart: points from left to right. Where y is not finite the line has a gap.
struct Series {
  std::string name;
  std::vector<double> x, y;
};

struct ChartOptions {
  std::string title, x_label, y_label;
  int width = 640, height = 400;
  /// Low and high end of the vertical axis; nothing: what the points need.
  std::optional<std::pair<double, double>> y_range = {};
};

/// A line chart with axes at round numbers, a grid and a legend, anti-aliased. Throws Error where a series
/// has not as many x as y, or where there is no point at all.
Image line_chart(const std::vector<Series>& series, const ChartOptions& options);

}  // namespace backlight
