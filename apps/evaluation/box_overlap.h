#pragma once

#include <span>

#include "apps/evaluation/sample.h"

namespace backlight {

/// 1 where the box that localize() finds from the map (apps/localization.h: Simonyan et al. 2013, §3.2) and
/// the box around the animal have an intersection over union of at least 0.5, the measure of the ILSVRC's
/// localisation task (Russakovsky et al. 2014, arXiv 1409.0575); else 0. The true box goes around the pixels
/// of which at least half show the animal.
double box_overlap(std::span<const float> map, const Sample& sample);

}  // namespace backlight
