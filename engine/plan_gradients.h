#pragma once

#include <cstddef>
#include <vector>

#include "engine/differentiate.h"
#include "engine/graph.h"

namespace backlight {

/// What one backward step does with gradients.
struct GradientStep {
  /// For each input of the node: set its gradient or add to it. The first to write a gradient sets it.
  std::vector<Write> writes;
  /// For each input: whether this last contribution also passes the ReLU that made the input.
  std::vector<bool> gates;
  /// Whether the incoming gradient has still to pass the ReLU in which the node ends.
  bool gates_incoming = false;
};

/// Which gradients share memory, and when. A gradient that only passes through (a residual join, a flatten
/// of one pixel) is the incoming one itself; an element-wise backward may write over it; whoever would change
/// memory that is still to be read as another's gradient gets a copy of his own.
struct GradientPlan {
  static constexpr int none = -1;
  struct Storage {
    ValueId first_of;  // the value it was made for: its size
    int first = 0;     // backward step
    int last = 0;      // backward step, or their number where it is kept to the end
    int values = 0;    // gradients that are in it, one after another or at once
  };
  std::vector<Storage> storages;
  std::vector<int> of_value;  // a place in `storages`, or none
  std::vector<GradientStep> steps;
};

/// With `keep_all` every gradient has memory of its own until the end.
GradientPlan plan_gradients(const Graph& graph, const Differentiation& differentiation, bool keep_all);

}  // namespace backlight
