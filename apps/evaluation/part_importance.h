#pragma once

#include <span>
#include <vector>

#include "apps/evaluation/sample.h"

namespace backlight {

/// What the network made of a part: the logit of the sample's class with it, less the logit without it.
struct PartDrop {
  menagerie::Part part;
  double drop;
};

/// The parts of a sample that can be seen: those that cover at least a thousandth of the picture.
std::vector<menagerie::Part> visible_parts(const Sample& sample);

/// The single deletion protocol of FunnyBirds (Hesse, Schaub-Meyer & Roth 2023, arXiv 2308.06248): the rank
/// correlation of Σ map·mask of each part with the drop of the class logit when that part is removed. −1 … 1;
/// NaN where fewer than three parts are seen or none is before another.
double part_importance(std::span<const float> map, const Sample& sample, std::span<const PartDrop> drops);

}  // namespace backlight
