// Each metric on small maps whose score is known.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/evaluation/baselines.h"
#include "apps/evaluation/box_overlap.h"
#include "apps/evaluation/energy.h"
#include "apps/evaluation/metrics.h"
#include "apps/evaluation/overlap.h"
#include "apps/evaluation/perturbation.h"
#include "apps/evaluation/pointing_game.h"

using namespace backlight;
using doctest::Approx;

namespace {

// 3 × 3 pixels; the object is the upper left 2 × 2, its pixel in the corner shown by half, and a touch of the
// next.
const std::vector<float> object{0.5f, 1, 0.25f,  //
                                1,    1, 0,      //
                                0,    0, 0};
const std::vector<float> nothing(9, 0.0f), even(9, 1.0f);
const std::vector<float> perfect{3, 9, 0, 4, 5, 0, 0, 0, 0}, inverted{0, 0, 3, 0, 0, 7, 2, 2, 6};

}  // namespace

TEST_CASE("the pointing game asks where the maximum is, and shares ties") {
  CHECK(pointing_game(perfect, object) == 1);
  CHECK(pointing_game(inverted, object) == 0);
  CHECK(pointing_game(std::vector<float>{5, 0, 0, 0, 0, 0, 0, 0, 0}, object) ==
        1);  // half of a pixel is enough
  CHECK(pointing_game(std::vector<float>{0, 0, 5, 0, 0, 0, 0, 0, 0}, object) == 0);  // a quarter is not
  CHECK(pointing_game(std::vector<float>{0, 5, 0, 0, 5, 0, 0, 0, 5}, object) == Approx(2.0 / 3));
  CHECK(pointing_game(even, object) == Approx(4.0 / 9));
  CHECK(pointing_game(perfect, nothing) == 0);
}

TEST_CASE("the share of energy weighs each pixel by how much of it shows the object") {
  CHECK(energy_share(perfect, object) == Approx((3 * 0.5 + 9 + 4 + 5) / 21));
  CHECK(energy_share(inverted, object) == Approx(3 * 0.25 / 20));
  CHECK(energy_share(even, object) == Approx(3.75 / 9));
  CHECK(energy_share(nothing, object) == Approx(3.75 / 9));
  CHECK(energy_share(perfect, nothing) == 0);
  CHECK(energy_on(perfect, object) == Approx(19.5));
}

TEST_CASE("the best overlap tries every threshold, and none between equal values") {
  CHECK(best_overlap(perfect, object) == 1);
  CHECK(best_overlap(inverted, object) == Approx(4.0 / 9));  // only the whole picture has any of it
  CHECK(best_overlap(std::vector<float>{0, 9, 0, 8, 0, 7, 0, 0, 0}, object) == Approx(2.0 / 4));
  CHECK(best_overlap(even, object) == Approx(4.0 / 9));
  // The object's pixels come first among equals, but no threshold takes them alone.
  CHECK(best_overlap(std::vector<float>{1, 1, 0, 1, 1, 1, 1, 1, 1}, object) == Approx(4.0 / 8));
  CHECK(best_overlap(perfect, nothing) == 0);
}

TEST_CASE("the area below a curve is that of its trapezoids") {
  CHECK(area_below(std::vector<double>{1, 1, 1}) == 1);
  CHECK(area_below(std::vector<double>{1, 0}) == Approx(0.5));
  CHECK(area_below(std::vector<double>{0, 1, 0, 0, 0}) == Approx(0.25));
  CHECK(area_below(std::vector<double>{1, 0.5, 0}) == Approx(0.5));
}

TEST_CASE("deletion blurs the highest pixels first, insertion brings them back first") {
  constexpr int side = 20, steps = 5;
  // The class is there as far as one bright pixel is: (7, 3), in the red channel.
  std::vector<float> image(3 * side * side);
  const std::size_t pixel = 3 * side + 7;
  image[pixel] = 200;
  int scored = 0;
  const Scorer score = [&](std::span<const float> images) {
    std::vector<double> scores;
    for (std::size_t at = 0; at < images.size(); at += image.size())
      scores.push_back(images[at + pixel] / 200);
    scored += static_cast<int>(scores.size());
    return scores;
  };
  std::vector<float> good(side * side), late(side * side);
  for (std::size_t i = 0; i < good.size(); ++i)
    good[i] = late[i] = i == pixel ? 0.0f : static_cast<float>(i % 7 + 1);
  good[pixel] = 9;
  const std::vector<std::vector<float>> maps{good, late};
  const std::vector<PerturbationCurves> curves = perturbation_curves(image, side, maps, steps, score);
  REQUIRE(curves.size() == 2);
  CHECK(scored == 2 + 2 * 2 * (steps - 1));
  const double gone = curves[0].deletion.back();
  CHECK(gone > 0);  // blurred, not black
  CHECK(gone < 0.1);
  CHECK((curves[0].deletion == std::vector<double>{1, gone, gone, gone, gone, gone}));
  CHECK((curves[0].insertion == std::vector<double>{gone, 1, 1, 1, 1, 1}));
  CHECK((curves[1].deletion == std::vector<double>{1, 1, 1, 1, 1, gone}));
  CHECK((curves[1].insertion == std::vector<double>{gone, gone, gone, gone, gone, 1}));
}

TEST_CASE("a map that weighs the parts as the network does has a part importance of 1") {
  Sample sample{0, {}, 0, std::vector<float>(8, 1.0f), {}};
  for (std::size_t part = 0; part < sample.parts.size(); ++part) {
    sample.parts[part].assign(8, 0.0f);
    if (part != 2) sample.parts[part][part] = 1;  // the eyes are not seen
  }
  using menagerie::Part;
  CHECK((visible_parts(sample) ==
         std::vector{Part::ears, Part::muzzle, Part::whiskers, Part::body, Part::tail}));
  const std::vector<PartDrop> drops{
      {Part::ears, 3}, {Part::muzzle, 0.5}, {Part::whiskers, 1}, {Part::body, -2}};
  CHECK(part_importance(std::vector<float>{9, 2, 100, 4, 0, 50, 0, 0}, sample, drops) == Approx(1));
  CHECK(part_importance(std::vector<float>{0, 4, 100, 2, 9, 50, 0, 0}, sample, drops) == Approx(-1));
  CHECK(std::isnan(part_importance(std::vector<float>(8, 1.0f), sample, drops)));  // no part before another
  CHECK(std::isnan(
      part_importance(std::vector<float>{9, 2, 0, 0, 0, 0, 0, 0}, sample, std::span(drops).first(2))));
}

TEST_CASE("every metric knows a map of the animal itself from its opposite") {
  Sample sample{0, Image(3, 3, 220), 0, object, {}};
  for (const int at : {0, 1, 3, 4}) std::fill_n(sample.picture.at(at % 3, at / 3), 3, std::uint8_t{40});
  for (std::size_t part = 0; part < sample.parts.size(); ++part) {
    sample.parts[part].assign(9, 0.0f);
    sample.parts[part][std::array{0, 1, 3, 4, 4, 4}[part]] = part < 3 ? 1.0f : 1.0f / 3;
  }
  using menagerie::Part;
  const std::vector<PartDrop> drops{{Part::ears, 1}, {Part::muzzle, 9}, {Part::eyes, 4}};
  const PerturbationCurves early{{1, 0, 0}, {0, 1, 1}}, late{{1, 1, 0}, {0, 0, 1}};
  const std::vector<float> against{7, 1, 9, 6, 1, 9, 9, 9, 9};
  for (const Metric& metric : metrics()) {
    CAPTURE(metric.name);
    const double good = metric.score({perfect, sample, early, drops}),
                 bad = metric.score({against, sample, late, drops});
    CHECK((metric.higher_is_better ? good > bad : good < bad));
  }
}

TEST_CASE("the baselines are a blob in the middle and the edges of the grey picture") {
  constexpr int side = 9;
  std::vector<float> image(3 * side * side);
  const std::vector<float> blob = centre(image, side);
  CHECK(blob[4 * side + 4] == 1);
  CHECK(blob[4 * side + 0] == Approx(std::exp(-0.5 * 16 / (2.25 * 2.25))));
  CHECK(blob[0] == blob[8 * side + 8]);
  for (int y = 0; y < side; ++y)
    for (int x = 5; x < side; ++x)
      image[static_cast<std::size_t>(side * side + y * side + x)] = 100;  // green, right
  const std::vector<float> edge = edges(image, side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      CHECK(edge[static_cast<std::size_t>(y * side + x)] == Approx(x == 4 || x == 5 ? 4 * 58.7 : 0));
}

TEST_CASE("a box is found where it overlaps the animal's by half") {
  // A dark square on a light ground, and a map that is bright on it, or elsewhere.
  constexpr int side = 24;
  Sample sample{0, Image(side, side, 220), 0, Mask(side * side), {}};
  std::vector<float> on(side * side), off(side * side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const auto at = static_cast<std::size_t>(y * side + x);
      const bool inside = x >= 4 && x < 14 && y >= 6 && y < 16;
      const float noise = static_cast<float>(at * 7 % 11) / 100;
      if (inside) std::fill_n(sample.picture.at(x, y), 3, std::uint8_t{40});
      sample.animal[at] = inside;
      on[at] = noise + static_cast<float>(inside);
      off[at] = noise + static_cast<float>(x >= 18 && y >= 18);
    }
  CHECK(box_overlap(on, sample) == 1);
  CHECK(box_overlap(off, sample) == 0);
  sample.animal.assign(side * side, 0);
  CHECK(box_overlap(on, sample) == 0);
}
