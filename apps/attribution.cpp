#include "apps/attribution.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace backlight {

void for_each_attribution(const Model& model, const Inputs& inputs, ReluRule rule, int target,
                          const std::function<void(const Attribution&)>& visit) {
  for_each_batch(model, inputs, rule, [&](Session& session, const Batch& batch) {
    std::vector<int> classes;
    for (int i = 0; i < batch.count; ++i)
      classes.push_back(target >= 0 ? target : argmax(batch.logits_of(i)));
    const std::vector<float> gradients = image_gradient(session, batch, classes);
    for (int i = 0; i < batch.count; ++i) {
      const std::span<const float> logits = batch.logits_of(i);
      const auto begin = gradients.begin() +
                         static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * model.image_elements());
      const int k = classes[static_cast<std::size_t>(i)];
      visit({static_cast<std::size_t>(batch.first + i), argmax(logits), k,
             logits[static_cast<std::size_t>(k)], softmax(logits)[static_cast<std::size_t>(k)],
             std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(model.image_elements()))});
    }
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
