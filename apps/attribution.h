#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "apps/input/inputs.h"
#include "apps/runner.h"

namespace backlight {

/// One photograph's class score or another objective, and its gradient at the pixels the network saw or at
/// another value.
struct Attribution {
  std::size_t index = 0;  // of the input
  int predicted = 0;      // the class with the highest logit
  int target = 0;         // the class whose logit was sent back, or that the objective is of
  float logit = 0;        // of the target
  double probability = 0;
  std::vector<float> gradient;  // channels,height,width; of the pixels 3,size,size: logit per grey level
  double objective = 0;         // what it is the gradient of
};

/// Sends the runner's objective, by default a logit, of every input back by its rule, and calls visit for
/// each, in order. `target` is a class index, or below 0 for each input's own best class.
void for_each_attribution(Runner& runner, const Inputs& inputs, int target,
                          const std::function<void(const Attribution&)>& visit);

/// Simonyan et al. 2013, §3.1: for each pixel the largest absolute gradient over its channels. C,H,W becomes
/// H,W.
std::vector<float> saliency_map(std::span<const float> gradient, std::size_t channels = 3);
/// The same number with its sign.
std::vector<float> signed_saliency_map(std::span<const float> gradient, std::size_t channels = 3);

/// "dog (73.1 %, logit 9.84)".
std::string describe_target(const Model& model, const Attribution& attribution);

}  // namespace backlight
