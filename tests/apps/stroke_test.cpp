// Anti-aliased strokes and text.
#include "apps/drawing/stroke.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace backlight;

namespace {

constexpr Colour black{0, 0, 0};

/// How many pixels' worth of black is on a white picture.
double inked(const Image& image) {
  double sum = 0;
  for (const std::uint8_t level : image.pixels) sum += 255 - level;
  return sum / (3 * 255);
}

}  // namespace

TEST_CASE("a stroke covers its width, whatever its place and direction") {
  const double width = 3, length = 40, area = width * length + 3.1416 * width * width / 4;  // round ends
  for (const Point to : {Point{60.3, 20.7}, Point{20.3, 60.7}, Point{44.3, 52.7}, Point{52.3, -3.3}}) {
    CAPTURE(to.x);
    Image image(80, 80, 255);
    stroke(image, {{{20.3, 20.7}, to}}, width, black, {0, 0, 80, 80});
    if (to.y > 0) CHECK(inked(image) == doctest::Approx(area).epsilon(0.02));
  }
  Image image(80, 80, 255);
  stroke(image, {{{40, 40}}}, 10, black);
  CHECK(inked(image) == doctest::Approx(3.1416 * 25).epsilon(0.02));  // one point is a dot
}

TEST_CASE("a stroke that crosses itself is not darker there, and stays where it may be") {
  Image once(20, 20, 255);
  stroke(once, {{{2, 10.25}, {18, 10.25}}}, 1.5, black);
  Image twice(20, 20, 255);
  stroke(twice, {{{2, 10.25}, {18, 10.25}}, {{2, 10.25}, {10, 10.25}, {4, 10.25}}}, 1.5, black);
  CHECK(once == twice);
  CHECK(once.at(10, 10)[0] == 0);
  CHECK(once.at(10, 9)[0] > 0);
  CHECK(once.at(10, 9)[0] < 255);

  Image within(20, 20, 255);
  stroke(within, {{{-1e6, 10.25}, {1e6, 10.25}}}, 1.5, black, {5, 0, 12, 20});
  for (int x = 0; x < 20; ++x) CHECK((within.at(x, 10)[0] < 255) == (x >= 5 && x < 12));
  Image outside = within;
  stroke(outside, {{{-50, -50}, {-10, 70}}, {{30, 30}}}, 4, black);
  stroke(outside, {}, 4, black);
  CHECK(outside == within);
}

TEST_CASE("text is as high and as wide as it is said to be") {
  Image image(200, 40, 255);
  write_text(image, "HL", {10, 30}, 2, black);
  int left = 200, right = 0, top = 40, bottom = 0;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 200; ++x)
      if (image.at(x, y)[0] < 128) {
        left = std::min(left, x);
        right = std::max(right, x + 1);
        top = std::min(top, y);
        bottom = std::max(bottom, y + 1);
      }
  CHECK(left == 10);
  CHECK(right == 10 + text_width("HL", 2));
  CHECK(bottom == 30);
  CHECK(top == 30 - 7 * 2);
  CHECK(text_width("", 2) == 0);
  Image accent(40, 40, 255), question(40, 40, 255);
  write_text(accent, "\xc3\xa9", {10, 30}, 2.5, black);
  write_text(question, "?", {10, 30}, 2.5, black);
  CHECK(accent == question);
  CHECK_NOTHROW(write_text(accent, "far outside", {-500, 900}, 3, black));
}
