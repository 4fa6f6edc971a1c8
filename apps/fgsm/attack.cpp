#include "apps/fgsm/attack.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace backlight {

void cross_entropy_seed(std::span<const float> logits, int label, std::span<float> seed) {
  const auto l = static_cast<std::size_t>(label);
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (std::size_t k = 0; k < logits.size(); ++k)
    if (k != l) largest = std::max(largest, static_cast<double>(logits[k]));
  const auto weight = [&](std::size_t k) { return std::exp(static_cast<double>(logits[k]) - largest); };
  for (std::size_t k = 0; k < logits.size(); ++k)
    if (k != l) sum += weight(k);
  for (std::size_t k = 0; k < logits.size(); ++k) seed[k] = k == l ? -1 : static_cast<float>(weight(k) / sum);
}

std::vector<float> perturbed(std::span<const float> image, std::span<const float> gradient, double epsilon) {
  std::vector<float> result(image.size());
  for (std::size_t i = 0; i < image.size(); ++i) {
    const int sign = (gradient[i] > 0) - (gradient[i] < 0);
    result[i] = static_cast<float>(std::clamp(image[i] + epsilon * sign, 0.0, 255.0));
  }
  return result;
}

std::vector<std::optional<double>> smallest_flips(
    std::size_t images, double resolution,
    const std::function<std::vector<bool>(const std::vector<Trial>&)>& flips) {
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < images; ++i)
    for (double epsilon = 1; epsilon <= most_epsilon; epsilon *= 2) trials.push_back({i, epsilon});
  std::vector<bool> flipped = flips(trials);
  std::vector<std::optional<double>> high(images);
  for (std::size_t t = trials.size(); t-- > 0;)
    if (flipped[t]) high[trials[t].image] = trials[t].epsilon;

  std::vector<double> low(images);
  for (std::size_t i = 0; i < images; ++i) low[i] = high[i].value_or(0) > 1 ? *high[i] / 2 : 0;
  while (true) {
    trials.clear();
    for (std::size_t i = 0; i < images; ++i)
      if (high[i] && *high[i] - low[i] > resolution) trials.push_back({i, (low[i] + *high[i]) / 2});
    if (trials.empty()) return high;
    flipped = flips(trials);
    for (std::size_t t = 0; t < trials.size(); ++t)
      (flipped[t] ? *high[trials[t].image] : low[trials[t].image]) = trials[t].epsilon;
  }
}

}  // namespace backlight
