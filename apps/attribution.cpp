#include "apps/attribution.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
namespace backlight {

void for_each_attribution(Runner& runner, const Inputs& inputs, int target,
                          const std::function<void(const Attribution&)>& visit) {
  std::vector<double> objectives;
  const ExplainedScore& objective = runner.objective();
  const bool of_class = objective.kind != ExplainedScore::Kind::node;  // then `values` are logits
  const auto target_of = [&](std::span<const float> logits) { return target >= 0 ? target : argmax(logits); };
  const auto seed = [&](std::size_t, std::span<const float> values, std::span<float> at_values) {
    objectives.push_back(start_gradient(objective, runner.objective_shape(), of_class ? target_of(values) : 0,
                                        values, at_values));
  };
  runner.for_each(inputs.elements, seed,
                  [&](std::size_t i, std::span<const float> logits, std::span<const float> gradient) {
                    const auto k = static_cast<std::size_t>(target_of(logits));
                    visit({i, argmax(logits), static_cast<int>(k), logits[k], softmax(logits)[k],
                           std::vector<float>(gradient.begin(), gradient.end()), objectives[i]});
                  });
}

std::vector<float> signed_saliency_map(std::span<const float> gradient, std::size_t channels) {
  const std::size_t pixels = gradient.size() / channels;
  std::vector<float> map(gradient.begin(), gradient.begin() + static_cast<std::ptrdiff_t>(pixels));
  for (std::size_t i = pixels; i < gradient.size(); ++i)
    if (float& largest = map[i % pixels]; std::abs(gradient[i]) > std::abs(largest)) largest = gradient[i];
  return map;
}

std::vector<float> saliency_map(std::span<const float> gradient, std::size_t channels) {
  std::vector<float> map = signed_saliency_map(gradient, channels);
  for (float& value : map) value = std::abs(value);
  return map;
}

std::string describe_target(const Model& model, const Attribution& a) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " (%.1f %%, logit %.3f)", 100 * a.probability,
                static_cast<double>(a.logit));
  return model.class_name(a.target) + numbers;
}

}  // namespace backlight
