#pragma once

#include <cstddef>
#include <vector>

#include "engine/differentiate.h"
#include "engine/graph.h"
#include "engine/plan_gradients.h"

namespace backlight {

/// A piece of the arena and the steps during which it is in use. Steps count the forward nodes, then the
/// backward steps.
struct Block {
  std::size_t bytes = 0;
  int first = 0, last = 0;  // both inclusive
  std::size_t offset = 0;
};

/// Where everything lives that a run makes: activations, what nodes save for their backward, and gradients.
/// One arena; what is never alive at the same time may share memory.
struct Plan {
  static constexpr int none = -1;

  std::vector<Block> blocks;
  // Places in `blocks`, or `none`.
  std::vector<int> activations;          // by value
  std::vector<int> gradients;            // by value
  std::vector<int> saved;                // by node
  std::vector<int> parameter_gradients;  // by parameter
  std::vector<GradientStep> steps;       // by backward step

  std::size_t arena_bytes = 0;
  /// What it would be if every tensor had memory of its own.
  struct Unplanned {
    std::size_t activations = 0, saved = 0, gradients = 0;
    std::size_t total() const { return activations + saved + gradients; }
  };
  Unplanned unplanned;
};

struct PlanOptions {
  Precision precision = Precision::float32;
  std::vector<ValueId> keep;  // values whose activations must still be there after the run
  bool keep_all = false;  // every activation, gradient and saved byte: for checking and for looking inside
};

/// `differentiation` may be null: then nothing is saved for a backward.
Plan make_plan(const Graph& graph, const Differentiation* differentiation, const PlanOptions& options);

}  // namespace backlight
