#pragma once

#include <functional>
#include <span>
#include <vector>

namespace backlight {

/// The probability of the class at steps + 1 pictures, evenly spaced from none to all pixels.
struct PerturbationCurves {
  std::vector<double> deletion, insertion;
};

/// Class probabilities of pictures, N,3,size,size in grey levels.
using Scorer = std::function<std::vector<double>(std::span<const float> images)>;

/// Petsiuk et al. 2018 (RISE, arXiv 1806.07421), with one and the same neutral picture for both, the picture
/// blurred beyond recognition: deletion blurs the map's highest pixels first, insertion brings them back
/// first into the blurred picture. A good map's deletion curve falls early, its insertion curve rises early.
/// One result per map; all that are scored for a picture, 2 + 2·(steps − 1) for each map, go through the
/// network together.
std::vector<PerturbationCurves> perturbation_curves(std::span<const float> image, int side,
                                                    std::span<const std::vector<float>> maps, int steps,
                                                    const Scorer& score);

/// The area below a curve over 0 … 1, by the trapezoidal rule: 0 … 1 as well.
double area_below(std::span<const double> curve);

}  // namespace backlight
