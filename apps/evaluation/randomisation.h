#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/evaluation/interval.h"
#include "apps/evaluation/methods.h"
#include "weights/weight_file.h"

namespace backlight {

/// A layer with weights and what is randomised with it.
struct WeightedLayer {
  std::string name;                     // of the node
  std::vector<std::string> parameters;  // its own and those of the normalisation that follows it
};

/// The layers with weights (convolution, linear) from the logits down.
std::vector<WeightedLayer> layers_from_the_top(const Graph& graph);

/// How like the original network's maps those of the randomised networks are.
struct SimilarityCurve {
  Method method;
  std::vector<Interval> steps;  // 0: nothing is random, so 1 exactly; s: the first s layers are
};

struct RandomisationCheck {
  std::vector<std::string> layers;  // from the logits down
  std::size_t pictures;
  std::vector<SimilarityCurve> curves;
};

/// The cascading randomisation of Adebayo et al. 2018 (arXiv 1810.03292): from the logits down, layer after
/// layer gets fresh weights (initialize() with the seed), and each network's maps are compared with the
/// original's by rank correlation over the pixels, in the mean over the pictures. A method whose maps stay
/// what they were does not show what the network has learned. Of the methods, the baselines are left out.
RandomisationCheck randomisation_check(const WeightFile& weights, const RunOptions& options,
                                       std::span<const Method> methods, const MapRequest& request);

}  // namespace backlight
