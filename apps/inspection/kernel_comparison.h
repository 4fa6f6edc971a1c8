#pragma once

#include <cstdint>
#include <span>

#include "apps/model.h"

namespace backlight {

/// How far the gradients of two programs of one network are apart that differ in their kernels, and why.
struct KernelComparison {
  double apart = 0;  // ‖b − a‖ / ‖a‖ at the pixels
  double held = 0;   // the same, when b takes a's signs and winners
  // The signs of ReLUs and the winners of max pools that differ, and how many there are.
  std::int64_t signs = 0, all_signs = 0, winners = 0, all_winners = 0;
};

/// Of the logit of class `target`. `image`: 3,size,size in grey levels. The models must be of the same
/// weights, folded and fused alike.
KernelComparison compare_kernels(const Model& a, const Model& b, ReluRule rule, std::span<const float> image,
                                 int target);

}  // namespace backlight
