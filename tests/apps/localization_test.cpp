// From a saliency map to a box: pictures whose object is known, maps that say nothing, and boxes.
#include "apps/localization/localization.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "tests/apps/image_fixtures.h"

using namespace backlight;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

/// A disc on a ground with stripes, both with noise, and a map that is noise but for a blob on a part of the
/// disc.
struct Scene {
  Image image;
  std::vector<float> saliency;
  Box disc;
};

Scene scene(int width, int height, int x, int y, int radius, unsigned seed, int strength = 15) {
  std::mt19937 random(seed);
  const auto noise = [&] { return static_cast<int>(random() % 1024) * strength / 512 - strength; };
  Scene result{Image(width, height), {}, {x - radius, y - radius, x + radius + 1, y + radius + 1}};
  for (int v = 0; v < height; ++v)
    for (int u = 0; u < width; ++u) {
      const double from_centre = std::hypot(u - x, v - y),
                   from_blob = std::hypot(u - x - radius / 3, v - y + radius / 4);
      const bool stripe = (u + 2 * v) / 6 % 2;
      const std::array<int, 3> colour = from_centre <= radius ? std::array{170, 90, 60}
                                        : stripe              ? std::array{80, 120, 70}
                                                              : std::array{110, 140, 120};
      for (int c = 0; c < 3; ++c)
        result.image.at(u, v)[c] =
            static_cast<std::uint8_t>(std::clamp(colour[static_cast<std::size_t>(c)] + noise(), 0, 255));
      result.saliency.push_back(
          static_cast<float>(1.5 * std::exp(-from_blob * from_blob / (radius * radius / 4.0)) +
                             static_cast<int>(random() % 1000) / 1000.0));
    }
  return result;
}

/// Of all pixels, those that are on the wrong side.
double wrong_share(const Localization& object, const Scene& s) {
  const double x = (s.disc.left + s.disc.right - 1) / 2, y = (s.disc.top + s.disc.bottom - 1) / 2;
  const double radius = (s.disc.right - s.disc.left - 1) / 2;
  double wrong = 0;
  for (std::size_t p = 0; p < object.mask.size(); ++p) {
    const int u = static_cast<int>(p) % s.image.width, v = static_cast<int>(p) / s.image.width;
    wrong += (object.mask[p] == 255) != (std::hypot(u - x, v - y) <= radius);
  }
  return wrong / static_cast<double>(object.mask.size());
}

bool is_whole(const Localization& object, const Image& image) {
  return object.box == Box{0, 0, image.width, image.height} &&
         object.mask == std::vector<std::uint8_t>(image.pixels.size() / 3, 255);
}

}  // namespace

TEST_CASE("a disc is found from a blob of saliency on a part of it") {
  for (const auto& [width, height, x, y, radius] : std::vector<std::array<int, 5>>{
           {128, 128, 70, 60, 30}, {96, 140, 30, 90, 22}, {64, 48, 40, 20, 14}, {224, 224, 90, 120, 60}}) {
    const Scene s = scene(width, height, x, y, radius, static_cast<unsigned>(width));
    const Localization object = localize(s.image, s.saliency);
    CAPTURE(width);
    CHECK(intersection_over_union(object.box, s.disc) > 0.9);
    CHECK(wrong_share(object, s) < 0.03);
  }
}

TEST_CASE("smoothness makes up for noise") {
  const Scene s = scene(96, 96, 50, 45, 25, 4, 60);
  const auto wrong = [&](double smoothness) {
    return wrong_share(localize(s.image, s.saliency, {.smoothness = smoothness}), s);
  };
  CHECK(wrong(2) < wrong(0) / 5);
}

TEST_CASE("labels change where the colours do: a thin stick stays with its disc") {
  Scene s = scene(80, 60, 25, 30, 14, 6, 3);
  for (int x = 39; x < 75; ++x)
    for (int y = 30; y < 32; ++y)
      std::copy_n(s.image.at(15 + (x - 39) % 20, y), 3, s.image.at(x, y));  // from the disc
  CHECK(intersection_over_union(localize(s.image, s.saliency, {.smoothness = 20}).box, {11, 16, 75, 45}) ==
        1);
}

TEST_CASE("the saliency decides which of two things is the object") {
  const Scene left = scene(120, 60, 30, 30, 18, 1), right = scene(120, 60, 88, 28, 18, 2);
  Image both = left.image;
  for (int y = 0; y < 60; ++y)  // the right disc, in blue
    for (int x = 60; x < 120; ++x) {
      const std::uint8_t* from = right.image.at(x, y);
      const bool disc = std::hypot(x - 88, y - 28) <= 18;
      std::copy_n(std::array<std::uint8_t, 3>{from[disc ? 2 : 0], from[1], from[disc ? 0 : 2]}.begin(), 3,
                  both.at(x, y));
    }
  CHECK(intersection_over_union(localize(both, left.saliency).box, left.disc) > 0.9);
  CHECK(intersection_over_union(localize(both, right.saliency).box, right.disc) > 0.9);
}

TEST_CASE("the same answer on every run") {
  const Scene s = scene(100, 80, 40, 40, 20, 5);
  const Localization first = localize(s.image, s.saliency), again = localize(s.image, s.saliency);
  CHECK(first.mask == again.mask);
  CHECK(first.box == again.box);
  CHECK(first.box == *bounding_box(first.mask, 100));
  // Only the order of the map's values counts.
  std::vector<float> other = s.saliency;
  std::ranges::transform(other, other.begin(), [](float v) { return v * 8 - 3; });
  CHECK(localize(s.image, other).mask == first.mask);
}

TEST_CASE("the seeds are beyond the 95 % and the 30 % quantile") {
  std::vector<float> ramp(1001);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i * 10 % 1001);
  const std::vector<Seed> seeds = saliency_seeds(ramp);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < ramp.size(); ++i)
    wrong += seeds[i] != (ramp[i] > 950 ? Seed::foreground : ramp[i] < 300 ? Seed::background : Seed::none);
  CHECK(wrong == 0);
}

TEST_CASE("a map of few different values still has both seeds") {
  using enum Seed;
  const auto seeds = [](std::size_t zeros, std::size_t ones) {
    std::vector<float> map(zeros, 0.0f);
    map.resize(zeros + ones, 1.0f);
    const std::vector<Seed> all = saliency_seeds(map);
    return std::array{std::ranges::count(all, background), std::ranges::count(all, foreground)};
  };
  CHECK(seeds(99, 1) == std::array<std::ptrdiff_t, 2>{99, 1});
  CHECK(seeds(50, 50) == std::array<std::ptrdiff_t, 2>{50, 50});
  CHECK(seeds(1, 99) == std::array<std::ptrdiff_t, 2>{1, 99});
  CHECK(saliency_seeds(std::vector<float>{not_a_number, 1, infinity, 2, -infinity}) ==
        std::vector{none, background, none, foreground, none});
}

TEST_CASE("where the map or the colours say nothing, the whole picture is the answer") {
  const Scene s = scene(20, 30, 10, 15, 6, 9);
  for (const float value : {0.0f, 1.5f, -2.0f, not_a_number, infinity}) {
    CAPTURE(value);
    CHECK(is_whole(localize(s.image, std::vector<float>(600, value)), s.image));
  }
  const Image grey(20, 30, 128), point(1, 1, 7);
  CHECK(is_whole(localize(grey, s.saliency), grey));
  CHECK(is_whole(localize(point, std::vector<float>{3}), point));
}

TEST_CASE("holes in a map, tiny pictures and a picture of two colours are no trouble") {
  Scene s = scene(64, 64, 30, 30, 16, 11);
  for (std::size_t i = 0; i < s.saliency.size(); i += 5) s.saliency[i] = i % 2 ? not_a_number : infinity;
  CHECK(intersection_over_union(localize(s.image, s.saliency).box, s.disc) > 0.9);

  Image halves(8, 1, 0);
  std::fill_n(halves.at(4, 0), 12, std::uint8_t{255});
  CHECK(localize(halves, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}).box == Box{4, 0, 8, 1});
  CHECK(localize(halves, std::vector<float>{7, 6, 5, 4, 3, 2, 1, 0}).box == Box{0, 0, 4, 1});
}

TEST_CASE("a map of another size is refused") {
  CHECK(error_of([] { localize(Image(3, 2), std::vector<float>(5)); }) ==
        "an image of 3 x 2 pixels takes a saliency map of 6 values, not 5");
}

TEST_CASE("boxes overlap by the area they share over the area they cover") {
  const Box box{0, 0, 10, 10};
  CHECK(intersection_over_union(box, box) == 1);
  CHECK(intersection_over_union(box, {5, 0, 15, 10}) == doctest::Approx(50.0 / 150));
  CHECK(intersection_over_union({5, 5, 15, 25}, box) == doctest::Approx(25.0 / 275));
  CHECK(intersection_over_union(box, {2, 3, 4, 7}) == doctest::Approx(8.0 / 100));
  CHECK(intersection_over_union(box, {10, 0, 20, 10}) == 0);  // side by side
  CHECK(intersection_over_union(box, {20, 20, 30, 30}) == 0);
  CHECK(intersection_over_union({3, 3, 3, 3}, {3, 3, 3, 3}) == 0);
}

TEST_CASE("a mask's box is around what is at least the threshold") {
  const std::vector<std::uint8_t> mask{0,   0,   0, 0,    //
                                       127, 128, 0, 0,    //
                                       0,   0,   0, 255,  //
                                       0,   1,   0, 0};
  CHECK(bounding_box(mask, 4) == Box{1, 1, 4, 3});
  CHECK(bounding_box(mask, 4, 1) == Box{0, 1, 4, 4});
  CHECK(bounding_box(mask, 4, 255) == Box{3, 2, 4, 3});
  CHECK(!bounding_box(std::vector<std::uint8_t>(6, 127), 3));
}

TEST_CASE("a box goes back to the photograph's pixels") {
  // 512 x 256 becomes 256 x 128, of which the middle 128 x 128.
  const Framing middle = framing(512, 256, 128, 128);
  CHECK(in_photograph({0, 0, 128, 128}, middle) == Box{128, 0, 384, 256});
  CHECK(in_photograph({10, 20, 11, 22}, middle) == Box{148, 40, 150, 44});
  CHECK(in_photograph({0, 0, 32, 32}, framing(47, 61, 0, 32)) == Box{0, 0, 47, 61});
  CHECK(in_photograph({1, 30, 2, 31}, framing(47, 61, 0, 32)) ==
        Box{1, 57, 3, 60});  // 1.47 … 2.94, 57.2 … 59.1
  CHECK(in_photograph({9, 9, 20, 20}, framing(1, 1, 0, 32)) == Box{0, 0, 1, 1});

  // The place of a black square survives the way there and back.
  Image photo(500, 375, 255);
  const Box square{180, 90, 300, 240};
  for (int y = square.top; y < square.bottom; ++y)
    std::fill_n(photo.at(square.left, y), 3 * (square.right - square.left), std::uint8_t{0});
  const Framing f = framing(photo.width, photo.height, 256, 224);
  const Image seen = prepare(photo, f);
  std::vector<std::uint8_t> dark(224 * 224);
  for (std::size_t p = 0; p < dark.size(); ++p) dark[p] = static_cast<std::uint8_t>(255 - seen.pixels[3 * p]);
  CHECK(intersection_over_union(in_photograph(*bounding_box(dark, 224), f), square) > 0.96);
}
