#pragma once

#include <array>
#include <vector>

#include "apps/inspection/walk.h"

namespace backlight {

constexpr std::array three_rules{ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet};

/// All numbers of one picture's walk there, and of its walks back by three_rules.
struct WalkRecord {
  Graph graph;
  int target = 0;
  std::vector<float> logits;
  std::vector<std::vector<float>> values;                    // by value of the graph, C,H,W
  std::array<std::vector<std::vector<float>>, 3> gradients;  // empty where none gets there
};

/// The model must not be folded. `target`: a class, or below 0 for the picture's own best.
WalkRecord record_walks(const Model& model, std::span<const float> image, int target);

}  // namespace backlight
