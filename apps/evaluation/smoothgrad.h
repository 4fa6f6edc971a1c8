#pragma once

#include "apps/evaluation/methods.h"

namespace backlight {

/// Smilkov et al. 2017 (arXiv 1706.03825): the mean of the gradients at x + ε over 16 draws of ε ~ N(0, σ²),
/// with σ 15 % of max x − min x; then, as for the gradient, the largest absolute value over a pixel's
/// channels. The same noise, but for σ, for every picture.
std::vector<std::vector<float>> smoothgrad(const MapRequest& request);

}  // namespace backlight
