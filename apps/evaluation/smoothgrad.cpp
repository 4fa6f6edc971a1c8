#include "apps/evaluation/smoothgrad.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "apps/attribution.h"
#include "apps/runner.h"

namespace backlight {
namespace {

/// N(0, 1) by Box and Muller's method: √(−2 ln u)·cos(2πv).
std::vector<float> normal_noise(std::size_t count, std::mt19937_64& random) {
  const auto uniform = [&] {
    return std::ldexp(static_cast<double>((random() >> 11) + 1), -53);
  };  // in (0, 1]
  std::vector<float> noise(count);
  for (float& value : noise) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    value = static_cast<float>(radius * std::cos(2 * std::numbers::pi * uniform()));
  }
  return noise;
}

}  // namespace

std::vector<std::vector<float>> smoothgrad(const MapRequest& request) {
  constexpr int draws = 16;
  constexpr float noise_level = 0.15f;
  const std::span<const float> images = request.images;
  const std::size_t size = request.model.image_elements(), count = request.targets.size();
  std::vector<float> sigmas;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [low, high] = std::ranges::minmax(images.subspan(i * size, size));
    sigmas.push_back(noise_level * (high - low));
  }

  Runner runner(request.model, count, ReluRule::gradient);
  std::mt19937_64 random(request.seed);
  std::vector<float> noisy(images.size()), sums(images.size());
  for (int draw = 0; draw < draws; ++draw) {
    const std::vector<float> noise = normal_noise(size, random);
    for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] = images[i] + sigmas[i / size] * noise[i % size];
    const std::vector<float> gradients = runner.run(noisy, one_hot(request.targets)).gradients;
    std::ranges::transform(sums, gradients, sums.begin(), std::plus<>());
  }
  std::vector<std::vector<float>> maps;
  for (std::size_t at = 0; at < sums.size(); at += size) {
    maps.push_back(saliency_map(std::span(sums).subspan(at, size)));
    for (float& value : maps.back()) value /= draws;
  }
  return maps;
}

}  // namespace backlight
