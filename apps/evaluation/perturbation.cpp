#include "apps/evaluation/perturbation.h"

#include "apps/class_image/regularisers.h"
#include "apps/evaluation/pixel_order.h"

namespace backlight {
namespace {

using Picture = std::vector<float>;

Picture blurred(std::span<const float> image, int side) {
  Picture picture(image.begin(), image.end());
  blur(picture, side, side / 10.0);
  return picture;
}

/// `under` with the first `count` pixels of the order as `over` has them.
Picture mixed(Picture under, std::span<const float> over, std::span<const std::size_t> order,
              std::size_t count) {
  for (const std::size_t pixel : order.first(count))
    for (std::size_t at = pixel; at < under.size(); at += order.size()) under[at] = over[at];
  return under;
}

}  // namespace

std::vector<PerturbationCurves> perturbation_curves(std::span<const float> image, int side,
                                                    std::span<const std::vector<float>> maps, int steps,
                                                    const Scorer& score) {
  const Picture clear(image.begin(), image.end()), neutral = blurred(image, side);
  std::vector<float> images = clear;
  const auto append = [&](const Picture& picture) {
    images.insert(images.end(), picture.begin(), picture.end());
  };
  append(neutral);
  for (const std::vector<float>& map : maps) {
    const std::vector<std::size_t> order = brightest_first(map);
    for (int step = 1; step < steps; ++step) {
      const std::size_t count =
          order.size() * static_cast<std::size_t>(step) / static_cast<std::size_t>(steps);
      append(mixed(clear, neutral, order, count));
      append(mixed(neutral, clear, order, count));
    }
  }

  const std::vector<double> scores = score(images);
  const double of_clear = scores[0], of_neutral = scores[1];
  auto next = scores.begin() + 2;
  std::vector<PerturbationCurves> curves(maps.size(), {{of_clear}, {of_neutral}});
  for (PerturbationCurves& curve : curves) {
    for (int step = 1; step < steps; ++step) {
      curve.deletion.push_back(*next++);
      curve.insertion.push_back(*next++);
    }
    curve.deletion.push_back(of_neutral);
    curve.insertion.push_back(of_clear);
  }
  return curves;
}

double area_below(std::span<const double> curve) {
  double sum = (curve.front() + curve.back()) / 2;
  for (std::size_t i = 1; i + 1 < curve.size(); ++i) sum += curve[i];
  return sum / static_cast<double>(curve.size() - 1);
}

}  // namespace backlight
