#pragma once

#include <array>
#include <span>
#include <string_view>

#include "apps/evaluation/interval.h"
#include "apps/evaluation/part_importance.h"
#include "apps/evaluation/perturbation.h"
#include "apps/evaluation/sample.h"

namespace backlight {

/// A map of a sample, and all that it is held against.
struct Evidence {
  std::span<const float> map;
  const Sample& sample;
  const PerturbationCurves& curves;
  std::span<const PartDrop> drops;
};

/// A number that says how good a map is.
struct Metric {
  std::string_view name, heading, description;
  bool percent, higher_is_better;
  bool share;  // each picture's number is 0 or 1, but for ties: Wilson's interval, else the bootstrap's
  double (*score)(const Evidence&);

  Interval interval(std::span<const double> scores, std::uint64_t seed) const {
    return share ? wilson(scores) : bootstrap(scores, seed);
  }
};

/// The columns of the evaluation.
std::span<const Metric> metrics();

}  // namespace backlight
