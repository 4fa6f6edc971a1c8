// Line charts.
#include "apps/drawing/chart.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "tests/apps/image_fixtures.h"

using namespace backlight;

namespace {

using Pixel = std::array<int, 3>;
constexpr Pixel first_colour{0x00, 0x72, 0xb2}, second_colour{0xd5, 0x5e, 0x00}, grid{0xe4, 0xe4, 0xe4};

Pixel pixel(const Image& image, int x, int y) {
  return {image.at(x, y)[0], image.at(x, y)[1], image.at(x, y)[2]};
}

/// The rows of column x that have this colour.
std::vector<int> rows_of(const Image& image, int x, Pixel colour) {
  std::vector<int> rows;
  for (int y = 0; y < image.height; ++y)
    if (pixel(image, x, y) == colour) rows.push_back(y);
  return rows;
}

int count_of(const Image& image, Pixel colour) {
  int count = 0;
  for (int x = 0; x < image.width; ++x) count += int(rows_of(image, x, colour).size());
  return count;
}

/// The chart of a line without a name (so without a legend).
Image chart_of(std::vector<double> x, std::vector<double> y,
               std::optional<std::pair<double, double>> range = {}) {
  return line_chart({{"", std::move(x), std::move(y)}},
                    {.title = {}, .x_label = {}, .y_label = {}, .y_range = range});
}

}  // namespace

TEST_CASE("a chart's line is where its numbers are, between grid lines at round numbers") {
  const Image image = chart_of({0, 1, 2}, {0.13, 0.13, 0.97});
  CHECK(image.width == 640);
  CHECK(image.height == 400);
  // 0, 0.2, 0.4 … 1, of which the lowest is the axis. The line crosses none of them at a quarter of its way.
  const std::vector<int> ticks = rows_of(image, 200, grid);
  REQUIRE(ticks.size() == 5);
  for (std::size_t i = 2; i < ticks.size(); ++i)
    CHECK(std::abs(ticks[i] - ticks[i - 1] - (ticks[1] - ticks[0])) <= 1);
  const double one = ticks[0], fifth = (ticks[4] - ticks[0]) / 4.0;
  const std::vector<int> line = rows_of(image, 200, first_colour);
  REQUIRE(!line.empty());
  CHECK((line.front() + line.back()) / 2.0 == doctest::Approx(one + (1 - 0.13) * 5 * fifth).epsilon(0.005));
  const std::vector<int> late = rows_of(image, 475, first_colour);  // on its way up
  REQUIRE(!late.empty());
  CHECK(late.back() < line.front());
}

TEST_CASE("a chart has a gap where there is no number, and a dot where one stands alone") {
  const auto columns = [](const Image& image) {
    std::vector<bool> inked;
    for (int x = 0; x < image.width; ++x) inked.push_back(!rows_of(image, x, first_colour).empty());
    return inked;
  };
  const auto runs = [&](const Image& image) {
    const std::vector<bool> inked = columns(image);
    int count = inked[0];
    for (std::size_t x = 1; x < inked.size(); ++x) count += inked[x] && !inked[x - 1];
    return count;
  };
  CHECK(runs(chart_of({0, 1, 2, 3, 4, 5, 6}, {1, 1, 1, 1, 1, 1, 1})) == 1);
  CHECK(runs(chart_of({0, 1, 2, 3, 4, 5, 6}, {1, 1, NAN, 1, 1, 1, 1})) == 2);
  CHECK(runs(chart_of({0, 1, 2, 3, 4, 5, 6}, {1, 1, NAN, 1, INFINITY, 1, 1})) == 3);
  CHECK(runs(chart_of({0, 1, 2}, {NAN, 1, NAN})) == 1);
}

TEST_CASE("a chart shows the range that it is told, and no line outside of its axes") {
  const Image narrow = chart_of({0, 1, 2, 3}, {0.5, 0.5, 1e9, 0.5}, std::pair(0.0, 1.0));
  const std::vector<int> ticks = rows_of(narrow, 100, grid);
  REQUIRE(!ticks.empty());
  for (int y = 0; y < ticks.front() - 4; ++y)
    for (int x = 0; x < narrow.width; ++x) CHECK(pixel(narrow, x, y) != first_colour);
  CHECK(count_of(narrow, first_colour) > 100);
}

TEST_CASE("a chart's lines have colours of their own, and from the eighth on dashes") {
  std::vector<Series> lines;
  for (int i = 0; i < 8; ++i) lines.push_back({"line " + std::to_string(i), {0, 1}, {double(i), double(i)}});
  const ChartOptions options{.title = "Eight", .x_label = "x", .y_label = "y"};
  const Image image = line_chart(lines, options);
  CHECK(count_of(image, second_colour) > 500);
  const int both = count_of(image, first_colour);
  const int one = count_of(line_chart({lines.begin(), lines.begin() + 7}, options), first_colour);
  CHECK(both > 1.2 * one);
  CHECK(both < 1.8 * one);
}

TEST_CASE("a chart takes numbers of any size") {
  CHECK_NOTHROW(chart_of({3}, {0}));
  CHECK_NOTHROW(chart_of({1, 2}, {5, 5}));
  CHECK_NOTHROW(chart_of({0, 1e-300}, {1e300, -1e300}));
  CHECK_NOTHROW(chart_of({1e15, 1e15 + 1}, {1e-12, 3e-12}));
  CHECK_NOTHROW(chart_of({-2, -1}, {-7, -7.0000001}));
  CHECK_NOTHROW(
      line_chart({{"a name that is far longer than the chart is wide, and goes on", {0, 1}, {0, 1}}},
                 {.title = "as is its title, which also goes on",
                  .x_label = "x",
                  .y_label = "y",
                  .width = 200,
                  .height = 160}));
}

TEST_CASE("a chart of nothing, or that cannot be, is refused") {
  const ChartOptions options{.title = "loss", .x_label = "x", .y_label = "y"};
  CHECK(error_of([&] { line_chart({}, options); }) == "a chart of \"loss\" has no point to draw");
  CHECK(error_of([&] {
          line_chart({{"a", {1}, {NAN}}}, options);
        }) == "a chart of \"loss\" has no point to draw");
  CHECK(error_of([&] {
          line_chart({{"a", {1, 2}, {1}}}, options);
        }) == "the line \"a\" of a chart has 2 x and 1 y");
  CHECK(error_of([] {
          chart_of({0, 1}, {0, 1}, std::pair(1.0, 1.0));
        }) == "the vertical axis of a chart goes from its low to its high end");
  CHECK(error_of([] {
          chart_of({0, 1}, {-1.5e308, 1.5e308});
        }) == "a chart cannot span more than the largest number");
  CHECK(error_of([] {
          line_chart({{"a", {0, 1}, {0, 1}}},
                     {.title = {}, .x_label = {}, .y_label = {}, .width = 40, .height = 30});
        }) == "a chart of 40 x 30 pixels has no room beside its labels");
}
