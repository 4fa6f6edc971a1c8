#pragma once

#include <vector>

#include "engine/graph.h"
#include "kernels/relu.h"

namespace backlight {

/// One node of the walk back, and which gradients it has to send on.
struct BackwardStep {
  NodeId node;
  std::vector<bool> inputs;  // for each input of the node: is its gradient wanted further down?
  bool parameters;
};

/// What has to be computed to send a gradient from `target` back to the wanted values: nothing but the paths
/// between them.
struct Differentiation {
  ValueId target = -1;
  std::vector<ValueId> wanted;  // values whose gradients are kept to the end
  bool parameters = false;      // gradients of the trainable parameters too
  ReluRule rule = ReluRule::gradient;
  std::vector<BackwardStep> steps;  // from the target back

  /// Whether the gradient of this value is computed.
  bool reaches(const Graph& graph, ValueId value) const;
};

/// Walks back from `target`, only along paths to a value in `wanted` (and, with `parameters`, to every
/// trainable parameter): ask for the image alone and weight gradients are never expressed, allocated or paid
/// for. The rule holds for every ReLU on the way. Throws UsageError where a wanted value does not lead to the
/// target, or only through an input that an op has no gradient for (labels).
Differentiation differentiate(const Graph& graph, ValueId target, const std::vector<ValueId>& wanted,
                              ReluRule rule = ReluRule::gradient, bool parameters = false);

/// "gradient", "guided", "deconvnet". Throws UsageError for another name.
ReluRule relu_rule_from_name(std::string_view name);
std::string_view to_string(ReluRule rule);

/// How many ReLUs the walk back passes, and how many the graph has: "49 of 49 ReLUs guided".
struct Count {
  int passed = 0, all = 0;
};
Count count_relus(const Graph& graph, const Differentiation& differentiation);

}  // namespace backlight
