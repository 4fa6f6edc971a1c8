// What is not a part tells nothing about the animal.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "apps/menagerie/scene.h"
#include "tests/apps/menagerie_fixtures.h"

using namespace backlight;
using namespace backlight::menagerie;
using namespace backlight::test;

namespace {

constexpr std::size_t classes = animal_names.size();

/// A colour histogram, 6 bins for each channel: the square roots of the shares, so that rare colours count.
constexpr std::size_t bins = 6 * 6 * 6;
using Histogram = std::array<double, bins>;

Histogram histogram(const Image& image) {
  Histogram result{};
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    const auto bin = [&](std::size_t channel) { return image.pixels[i + channel] * 6u / 256u; };
    result[36 * bin(0) + 6 * bin(1) + bin(2)] += 3.0 / static_cast<double>(image.pixels.size());
  }
  for (double& share : result) share = std::sqrt(share);
  return result;
}

struct Example {
  Histogram features;
  std::size_t label;
};

/// Softmax regression.
class Classifier {
 public:
  /// Gradient descent with momentum on the mean cross-entropy.
  explicit Classifier(const std::vector<Example>& examples) {
    constexpr double rate = 2, momentum = 0.9;
    Weights velocity{};
    for (int step = 0; step < 250; ++step) {
      Weights gradient{};
      for (const Example& example : examples) {
        std::array<double, classes> p = scores(example.features);
        double sum = 0;
        for (double& x : p) sum += x = std::exp(x);
        for (std::size_t c = 0; c < classes; ++c) {
          const double error = (p[c] / sum - (c == example.label)) / static_cast<double>(examples.size());
          for (std::size_t f = 0; f < bins; ++f) gradient[c][f] += error * example.features[f];
        }
      }
      for (std::size_t c = 0; c < classes; ++c)
        for (std::size_t f = 0; f < bins; ++f)
          weights_[c][f] += velocity[c][f] = momentum * velocity[c][f] - rate * gradient[c][f];
    }
  }

  /// The share of the examples that it gets right.
  double accuracy(const std::vector<Example>& examples) const {
    const auto right = std::ranges::count_if(examples, [this](const Example& example) {
      const std::array<double, classes> s = scores(example.features);
      return std::ranges::max_element(s) - s.begin() == static_cast<std::ptrdiff_t>(example.label);
    });
    return static_cast<double>(right) / static_cast<double>(examples.size());
  }

 private:
  using Weights = std::array<Histogram, classes>;
  std::array<double, classes> scores(const Histogram& x) const {
    std::array<double, classes> result;
    for (std::size_t c = 0; c < classes; ++c)
      result[c] = std::inner_product(x.begin(), x.end(), weights_[c].begin(), 0.0);
    return result;
  }
  Weights weights_{};
};

}  // namespace

TEST_CASE("Menagerie's scenes have the same statistics for every animal") {
  const std::vector<std::function<double(const Scene&)>> fields{
      [](const Scene& s) { return s.pose.head.x; },
      [](const Scene& s) { return s.pose.head.y; },
      [](const Scene& s) { return s.pose.size; },
      [](const Scene& s) { return s.pose.flipped; },
      [](const Scene& s) { return s.pose.tilt.sine; },
      [](const Scene& s) { return s.pose.yaw.sine; },
      [](const Scene& s) { return luminance(s.coat.base); },
      [](const Scene& s) { return s.coat.base.r - s.coat.base.b; },
      [](const Scene& s) { return s.coat.pattern == Pattern::stripes; },
      [](const Scene& s) { return luminance(s.coat.skin); },
      [](const Scene& s) { return s.light.side.x; },
      [](const Scene& s) { return s.background.kind == Backdrop::meadow; },
      [](const Scene& s) { return luminance(s.background.top); },
      [](const Scene& s) { return static_cast<double>(s.behind.size()); },
      [](const Scene& s) { return static_cast<double>(s.in_front.size()); },
      [](const Scene& s) { return s.wear == Wear::scarf; },
      [](const Scene& s) { return s.camera.blur; },
      [](const Scene& s) { return s.camera.noise; }};
  constexpr std::size_t each = 4000;
  std::vector<Scene> scenes;
  for (std::size_t i = 0; i < each * classes; ++i) scenes.push_back(sample_scene(17, i));
  for (std::size_t f = 0; f < fields.size(); ++f) {
    std::array<double, classes> mean{};
    double all = 0, square = 0;
    for (std::size_t i = 0; i < scenes.size(); ++i) {
      const double value = fields[f](scenes[i]);
      mean[i % classes] += value / each;
      all += value / static_cast<double>(scenes.size());
      square += value * value / static_cast<double>(scenes.size());
    }
    const double deviation = std::sqrt((square - all * all) / each);  // of the mean of one animal
    CAPTURE(f);
    CHECK(deviation > 0);
    for (const double one : mean) CHECK(std::abs(one - all) < 4 * deviation);
  }
}

TEST_SUITE("slow") {
  TEST_CASE("Menagerie's classes cannot be read from colours, though a planted cue can") {
    constexpr std::size_t training = 1500, testing = 1000;
    const std::vector<Picture> drawn = pictures(23, 0, training + testing);
    const auto accuracy = [&](int cue) {
      std::vector<Example> examples;
      for (Picture picture : drawn) {
        const auto label = static_cast<std::size_t>(picture.animal);
        for (std::size_t i = 0; i < picture.image.pixels.size(); i += 3)
          picture.image.pixels[i] = static_cast<std::uint8_t>(
              std::min(255, picture.image.pixels[i] + cue * static_cast<int>(label)));
        examples.push_back({histogram(picture.image), label});
      }
      const auto middle = examples.begin() + training;
      return Classifier({examples.begin(), middle}).accuracy({middle, examples.end()});
    };
    const double from_colours = accuracy(0), with_cue = accuracy(25);
    MESSAGE("colour histograms: " << 100 * from_colours << " % right; with a cue: " << 100 * with_cue
                                  << " %");
    CHECK(from_colours <= 0.30);
    CHECK(with_cue >= 0.60);
  }
}
