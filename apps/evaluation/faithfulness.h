#pragma once

#include <span>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// The class's logit at image + t·direction/‖direction‖ for each length t, in grey levels; not clipped to
/// what a picture can hold. A direction of zeros stays where it is.
std::vector<double> logits_along(const Model& model, std::span<const float> image,
                                 std::span<const float> direction, std::span<const double> lengths,
                                 int target);

/// How a map compares with the gradient, as what it is taken for: the direction in which the score rises.
struct Faithfulness {
  double cosine = 0;    // with the gradient
  double opposite = 0;  // share of the numbers that are 0 in neither and have the other sign
  double rise = 0;      // of the logit, for a step in the map's direction
};

/// `step`: its length, in grey levels.
Faithfulness faithfulness(const Model& model, std::span<const float> image, std::span<const float> map,
                          std::span<const float> gradient, double step, int target);

}  // namespace backlight
