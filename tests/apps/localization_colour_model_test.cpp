// Mixtures of Gaussians in colour space.
#include "apps/localization/colour_model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

using namespace backlight;

namespace {

/// Colours of independent channels around a centre.
void scatter(std::vector<Colour>& colours, int count, const Colour& centre, const Colour& deviation,
             unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (int i = 0; i < count; ++i) {
    Colour colour;
    for (std::size_t c = 0; c < 3; ++c) colour[c] = centre[c] + deviation[c] * normal(random);
    colours.push_back(colour);
  }
}

double log_normal(const Colour& z, const Colour& mean, const Colour& variance) {
  double sum = -1.5 * std::log(2 * std::numbers::pi);
  for (std::size_t c = 0; c < 3; ++c)
    sum -= (z[c] - mean[c]) * (z[c] - mean[c]) / variance[c] / 2 + std::log(variance[c]) / 2;
  return sum;
}

}  // namespace

TEST_CASE("one component is the Gaussian of the samples, widened by the floor") {
  // Means 15, 25, 40; variances 25, 0, 100; red and blue covary by 50.
  const std::vector<Colour> colours{{10, 25, 30}, {20, 25, 50}};
  const ColourModel model(colours, 1, 4);
  // Σ = (29 50; 50 104) and 4: determinant 4 (29 · 104 − 50²) = 4 · 516
  const auto expected = [](double red, double green, double blue) {
    const double r = red - 15, g = green - 25, b = blue - 40;
    const double distance = (104 * r * r - 100 * r * b + 29 * b * b) / 516 + g * g / 4;
    return -distance / 2 - std::log(4 * 516.0) / 2 - 1.5 * std::log(2 * std::numbers::pi);
  };
  CHECK(model.log_density({15, 25, 40}) == doctest::Approx(expected(15, 25, 40)));
  CHECK(model.log_density({18, 22, 30}) == doctest::Approx(expected(18, 22, 30)));
  CHECK(model.log_density({255, 0, 255}) == doctest::Approx(expected(255, 0, 255)));
}

TEST_CASE("a mixture finds the groups of colours and their shares") {
  std::vector<Colour> colours;
  scatter(colours, 3000, {60, 60, 200}, {6, 12, 8}, 1);
  scatter(colours, 1000, {180, 90, 30}, {10, 5, 5}, 2);
  const ColourModel model(colours, 2, 1);
  CHECK(model.log_density({60, 60, 200}) ==
        doctest::Approx(std::log(0.75) + log_normal({}, {}, {37, 145, 65})).epsilon(0.01));
  CHECK(model.log_density({185, 95, 30}) ==
        doctest::Approx(std::log(0.25) + log_normal({5, 5, 0}, {}, {101, 26, 26})).epsilon(0.02));
}

TEST_CASE("expectation maximisation parts groups that a straight cut cannot") {
  // A wide group around a narrow one: no plane between them. Half of all samples are within a few levels of
  // the middle.
  std::vector<Colour> colours;
  scatter(colours, 2000, {128, 128, 128}, {3, 3, 3}, 3);
  scatter(colours, 2000, {128, 128, 128}, {40, 40, 40}, 4);
  const ColourModel model(colours, 2, 1);
  const auto expected = [](double away) {
    return std::log(std::exp(log_normal({away, 0, 0}, {}, {10, 10, 10})) / 2 +
                    std::exp(log_normal({away, 0, 0}, {}, {1601, 1601, 1601})) / 2);
  };
  for (const double away : {0.0, 5.0, 30.0, 60.0}) {
    CAPTURE(away);
    CHECK(std::abs(model.log_density({128 + away, 128, 128}) - expected(away)) < 0.2);
  }
}

TEST_CASE("a density sums to one over all colours") {
  std::vector<Colour> colours;
  scatter(colours, 60, {90, 120, 100}, {20, 10, 5}, 5);
  scatter(colours, 40, {140, 130, 160}, {5, 15, 10}, 6);
  const ColourModel model(colours, 5, 25);
  double sum = 0;
  constexpr double step = 4;
  for (double r = 0; r < 256; r += step)
    for (double g = 0; g < 256; g += step)
      for (double b = 0; b < 256; b += step)
        sum += std::exp(model.log_density({r, g, b})) * step * step * step;
  CHECK(sum == doctest::Approx(1).epsilon(1e-3));
}

TEST_CASE("one sample, one colour and fewer colours than components still make a model") {
  const std::vector<Colour> one{{10, 20, 30}}, many(1000, Colour{10, 20, 30}),
      two{{0, 0, 0}, {0, 0, 0}, {9, 9, 9}};
  for (const auto& colours : {one, many}) {
    const ColourModel model(colours, 5, 25);
    CHECK(model.log_density({10, 20, 35}) == doctest::Approx(log_normal({0, 0, 5}, {}, {25, 25, 25})));
  }
  const ColourModel model(two, 5, 1e-2);
  CHECK(model.log_density({0, 0, 0}) ==
        doctest::Approx(std::log(2.0 / 3) + log_normal({}, {}, {1e-2, 1e-2, 1e-2})));
  CHECK(std::isfinite(model.log_density({255, 255, 255})));
}
