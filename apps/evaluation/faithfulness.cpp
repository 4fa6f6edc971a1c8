#include "apps/evaluation/faithfulness.h"

#include <cmath>

#include "apps/inspection/node_report.h"
#include "apps/runner.h"

namespace backlight {

std::vector<double> logits_along(const Model& model, std::span<const float> image,
                                 std::span<const float> direction, std::span<const double> lengths,
                                 int target) {
  const double norm = statistics_of(direction).norm;
  std::vector<float> images;
  for (const double length : lengths)
    for (std::size_t i = 0; i < image.size(); ++i)
      images.push_back(image[i] + (norm > 0 ? static_cast<float>(length / norm) * direction[i] : 0.0f));
  std::vector<double> logits;
  Runner(model, lengths.size())
      .for_each(images, {}, [&](std::size_t, std::span<const float> all, std::span<const float>) {
        logits.push_back(static_cast<double>(all[static_cast<std::size_t>(target)]));
      });
  return logits;
}

Faithfulness faithfulness(const Model& model, std::span<const float> image, std::span<const float> map,
                          std::span<const float> gradient, double step, int target) {
  std::size_t opposite = 0, both = 0;
  for (std::size_t i = 0; i < map.size(); ++i)
    if (map[i] != 0 && gradient[i] != 0) ++both, opposite += (map[i] > 0) != (gradient[i] > 0);
  const double lengths[] = {0, step};
  const std::vector<double> logits = logits_along(model, image, map, lengths, target);
  return {cosine(map, gradient), both ? static_cast<double>(opposite) / static_cast<double>(both) : 0,
          logits[1] - logits[0]};
}

}  // namespace backlight
