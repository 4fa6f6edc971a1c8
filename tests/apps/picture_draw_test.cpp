// Pictures of maps: colours, normalisation, sheets and labels.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "tests/apps/image_fixtures.h"

using namespace backlight;

namespace {

using Pixel = std::vector<int>;

Pixel pixel(const Image& image, int x, int y) {
  return {image.at(x, y)[0], image.at(x, y)[1], image.at(x, y)[2]};
}

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("percentile interpolates as NumPy does") {
  const std::vector<float> values = {40, 10, nan, 30, 20};
  CHECK(percentile(values, 0) == 10);
  CHECK(percentile(values, 100) == 40);
  CHECK(percentile(values, 50) == 25);
  CHECK(percentile(values, 90) == doctest::Approx(37));  // numpy.percentile([40, 10, 30, 20], 90)
  CHECK(percentile({}, 50) == 0);
  CHECK(percentile(std::vector{nan}, 50) == 0);
}

TEST_CASE("normalise clips outliers, and survives maps of nothing") {
  std::vector<float> values(100, 2.0f);
  values[0] = 1000;
  values[1] = -5;
  values[2] = 1;
  values[3] = nan;
  const std::vector<float> normal = normalise(values, scale_of(values, 90));
  CHECK(std::vector(normal.begin(), normal.begin() + 5) == std::vector<float>{1, 0, 0.5f, 0, 1});
  CHECK(normalise(std::vector<float>(4, 0.0f), 0) == std::vector<float>(4, 0.0f));
  CHECK(normalise(std::vector<float>(4, -1.0f), 1) == std::vector<float>(4, 0.0f));
  std::vector<float> sparse(100, 0.0f);  // the percentile is 0: the maximum takes its place
  sparse[7] = 4;
  CHECK(normalise(sparse, scale_of(sparse, 90))[7] == 1);
}

TEST_CASE("a heat map grows lighter with every step") {
  std::vector<float> ramp(256);
  for (int i = 0; i < 256; ++i) ramp[i] = float(i) / 255;
  const Image image = heat_map(ramp, 256, 1);
  CHECK(pixel(image, 0, 0) == Pixel{0, 0, 4});  // the ends and the middle of matplotlib's inferno
  for (int c = 0; c < 3; ++c) CHECK(std::abs(pixel(image, 128, 0)[c] - Pixel{188, 55, 84}[c]) <= 7);
  CHECK(pixel(image, 255, 0) == Pixel{252, 255, 164});
  const auto lightness = [&](int x) {
    const Pixel p = pixel(image, x, 0);
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
  };
  for (int i = 4; i < 256; i += 4) CHECK(lightness(i) > lightness(i - 4));
  const Image beyond = heat_map(std::vector{-1.0f, nan, 2.0f}, 3, 1);
  CHECK(pixel(beyond, 0, 0) == Pixel{0, 0, 4});
  CHECK(pixel(beyond, 1, 0) == Pixel{0, 0, 4});
  CHECK(pixel(beyond, 2, 0) == Pixel{252, 255, 164});
  CHECK(error_of([&] { heat_map(ramp, 16, 15); }) == "a picture of 16 x 15 pixels takes 240 values, not 256");
}

TEST_CASE("an overlay is the grey photograph where the map is 0 and the heat map where it is 1") {
  Image photo(2, 1);
  photo.at(0, 0)[1] = photo.at(1, 0)[1] = 200;
  const Image image = overlay(photo, std::vector{0.0f, 1.0f});
  CHECK(pixel(image, 0, 0) == Pixel{117, 117, 117});
  CHECK(pixel(image, 1, 0) == Pixel{252, 255, 164});
}

TEST_CASE("a signed picture has zero in the middle") {
  const Image planes =
      signed_picture(std::vector<float>{0, 2, -2, 4, nan, -9}, 2, 1,
                     scale_of(std::vector<float>{0, 2, -2, 4, nan, -9}, 75));  // 75 % of |values|: 4
  CHECK(pixel(planes, 0, 0) == Pixel{128, 64, 128});
  CHECK(pixel(planes, 1, 0) == Pixel{191, 255, 0});
  const Image one = signed_picture(std::vector<float>{-3, 0, 3}, 3, 1, 3);
  CHECK(pixel(one, 0, 0) == Pixel{0x05, 0x30, 0x61});
  CHECK(pixel(one, 1, 0) == Pixel{0xf7, 0xf7, 0xf7});
  CHECK(pixel(one, 2, 0) == Pixel{0x67, 0x00, 0x1f});
  CHECK(signed_picture(std::vector<float>(12, 0.0f), 2, 2, 0) == Image(2, 2, 128));
  CHECK(error_of([] { signed_picture(std::vector<float>(8), 2, 2, 1); }) ==
        "a picture of 2 x 2 pixels takes 4 values, not 8");
}

TEST_CASE("pictures enlarge without blurring and line up in a sheet") {
  const Image image = load_image(fixture("wide_61x47.png"));
  const Image large = enlarge_to(image, 94 + 1);
  CHECK(large.width == 183);
  CHECK(large.height == 141);
  CHECK(pixel(large, 182, 2) == pixel(image, 60, 0));
  CHECK(enlarge_to(image, 47) == image);
  CHECK(error_of([&] { enlarge(image, 1000); }) != "nothing");

  const Image sheet = montage({{Image(4, 6), Image(10, 2)}, {Image(2, 3)}}, 5);
  CHECK(sheet.width == 5 + 4 + 5 + 10 + 5);
  CHECK(sheet.height == 5 + 6 + 5 + 3 + 5);
  CHECK(pixel(sheet, 4, 5) == Pixel{255, 255, 255});
  CHECK(pixel(sheet, 5, 5) == Pixel{0, 0, 0});
  CHECK(pixel(sheet, 14, 6) == Pixel{0, 0, 0});
  CHECK(pixel(sheet, 14, 7) == Pixel{255, 255, 255});
  CHECK(pixel(sheet, 6, 16) == Pixel{0, 0, 0});  // in the middle of its column
  CHECK(pixel(sheet, 5, 16) == Pixel{255, 255, 255});
}

TEST_CASE("labels stand below the picture and wrap") {
  const auto inked = [](const Image& image, int top) {
    return std::count_if(image.pixels.begin() + 3 * top * image.width, image.pixels.end(),
                         [](int v) { return v < 128; }) /
           3;
  };
  const Image photo(60, 20, 77);
  const auto height = [&](std::string_view text) { return label(photo, text, 1).height; };
  CHECK(std::equal(photo.pixels.begin(), photo.pixels.end(), label(photo, "cat").pixels.begin()));
  CHECK(inked(label(photo, "L", 1), 20) == 11);
  CHECK(inked(label(photo, "L", 3), 20) == 11 * 9);
  CHECK(inked(label(photo, "", 1), 20) == 0);
  const int line = height("two\nlines") - height("one");
  CHECK(height("Egyptian cat") == height("one") + line);         // at the space
  CHECK(height("hippopotamuses") == height("one") + line);       // within the word
  CHECK(height(" hippopotamuses") == height("one") + 2 * line);  // after a space that leaves an empty line
  CHECK(height("two\nlines\nor three") == height("one") + 2 * line);
  CHECK(label(photo, "\xc3\xa9", 1) == label(photo, "?", 1));  // one character, two bytes
  CHECK_NOTHROW(label(Image(1, 1), "wider than it all", 4));
}
