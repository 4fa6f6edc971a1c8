#pragma once

#include <functional>
#include <memory>

#include "engine/graph.h"
#include "engine/parameters.h"

namespace backlight {

/// What a pass makes that changes weights too.
struct FoldedNetwork {
  Graph graph;
  std::shared_ptr<const Parameters> parameters;
  int folded = 0;  // nodes that became part of a convolution
};

/// Adds to `to` what a node of the new graph still wants of the old one's parameters: read when it is wanted,
/// and then changed on the host. Constants are left out: a graph brings its own.
void take_over(const Parameter& parameter, const std::shared_ptr<const Parameters>& from, Parameters& to,
               const std::function<void(const Tensor&)>& change = {});

}  // namespace backlight
