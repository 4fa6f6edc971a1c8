#pragma once

#include <span>

namespace backlight {

/// The best intersection over union, |S ∩ O| / |S ∪ O|, of the object O with any set S of the pixels where
/// the map is at least some threshold: how well the map outlines the object if somebody who knows it chose
/// the threshold. Equal values are on the same side of every threshold. An even map, whose only set is the
/// whole picture, scores the share that the object covers. A pixel belongs to the object where the mask is at
/// least 0.5; without any the result is 0.
double best_overlap(std::span<const float> map, std::span<const float> mask);

}  // namespace backlight
