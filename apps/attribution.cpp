#include "apps/attribution.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
namespace backlight {

void for_each_attribution(Runner& runner, const Inputs& inputs, int target,
                          const std::function<void(const Attribution&)>& visit) {
  std::vector<int> targets;
  const auto seed = [&](std::size_t, std::span<const float> logits, std::span<float> at_logits) {
    targets.push_back(target >= 0 ? target : argmax(logits));
    at_logits[static_cast<std::size_t>(targets.back())] = 1;
  };
  runner.for_each(inputs.elements, seed,
                  [&](std::size_t i, std::span<const float> logits, std::span<const float> gradient) {
                    const auto k = static_cast<std::size_t>(targets[i]);
                    visit({i, argmax(logits), targets[i], logits[k], softmax(logits)[k],
                           std::vector<float>(gradient.begin(), gradient.end())});
                  });
}

std::vector<float> saliency_map(std::span<const float> gradient) {
  const std::size_t pixels = gradient.size() / 3;
  std::vector<float> map(pixels);
  for (std::size_t p = 0; p < pixels; ++p)
    map[p] =
        std::max({std::abs(gradient[p]), std::abs(gradient[p + pixels]), std::abs(gradient[p + 2 * pixels])});
  return map;
}

std::string describe_target(const Model& model, const Attribution& a) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " (%.1f %%, logit %.3f)", 100 * a.probability,
                static_cast<double>(a.logit));
  return model.class_name(a.target) + numbers;
}

}  // namespace backlight
