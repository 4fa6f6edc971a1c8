#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "apps/input/inputs.h"
#include "apps/runner.h"

namespace backlight {

/// One photograph's class score, and its gradient at the pixels the network saw.
struct Attribution {
  std::size_t index = 0;  // of the input
  int predicted = 0;      // the class with the highest logit
  int target = 0;         // the class whose logit was sent back
  float logit = 0;        // of the target
  double probability = 0;
  std::vector<float> gradient;  // 3,size,size: logit per grey level
};

/// Sends a logit of every input back to its pixels by a runner that has a rule, and calls visit for each, in
/// order. `target` is a class index, or below 0 for each input's own best class.
void for_each_attribution(Runner& runner, const Inputs& inputs, int target,
                          const std::function<void(const Attribution&)>& visit);

/// Simonyan et al. 2013, §3.1: for each pixel the largest absolute gradient over its channels. 3,H,W becomes
/// H,W.
std::vector<float> saliency_map(std::span<const float> gradient);

/// "dog (73.1 %, logit 9.84)".
std::string describe_target(const Model& model, const Attribution& attribution);

}  // namespace backlight
