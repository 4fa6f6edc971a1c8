#pragma once

#include <span>

namespace backlight {

/// Σ map·mask over the pixels: what of a map lies on something. The mask is the share of each pixel that
/// shows it.
double energy_on(std::span<const float> map, std::span<const float> mask);

/// The energy-based pointing game of Wang et al. 2020 (Score-CAM, arXiv 1910.01279): Σ map·mask / Σ map, the
/// share of a map that lies on the object. An even map scores the share of the picture that the object
/// covers, and so does, as the limit of ever fainter even maps, one that is 0 everywhere.
double energy_share(std::span<const float> map, std::span<const float> mask);

}  // namespace backlight
