#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/graph.h"

namespace backlight {

/// What a gradient is the gradient of: a number that a network computes.
struct ExplainedScore {
  enum class Kind {
    logit,          // s_k of a class k
    softmax,        // p_k = exp s_k / Σ_j exp s_j:  ∂p_k/∂s_j = p_k·([j = k] − p_j)
    cross_entropy,  // −log p_k:                     ∂/∂s_j = p_j − [j = k]
    node            // the sum of a node's values, of one of its channels, or one value
  };
  Kind kind = Kind::logit;
  std::string text = "logit";  // as it was given
  std::string node = {};       // of Kind::node
  std::optional<std::int64_t> channel = {}, y = {}, x = {};
};

/// A walk back: from which number, and to which value.
struct Question {
  ExplainedScore objective = {};
  std::string at = "image";

  /// Whether it is the question of the network as it runs fastest, folded and fused: such a network has lost
  /// most of its nodes.
  bool asks_for_nodes() const { return objective.kind == ExplainedScore::Kind::node || at != "image"; }
};

/// "logit", "softmax", "cross_entropy", "node:NODE", "node:NODE:CHANNEL" or "node:NODE:CHANNEL:Y,X". Throws
/// UsageError for anything else.
ExplainedScore score_from_text(const std::string& text);

/// As graph.at(), but throws UsageError naming the option and the nearest names.
ValueId named_value(const Graph& graph, const std::string& option, const std::string& name);

/// The value whose gradient starts it all: the graph's output, or the node. Throws UsageError where the graph
/// has no such node, channel or place.
ValueId score_value(const Graph& graph, const ExplainedScore& objective);

/// The objective of one image, and its gradient at the elements of that value, which `seed` takes (it comes
/// as zeros). `shape`: the value's, of which `values` are one image's. `target`: the class; no matter to a
/// node.
double start_gradient(const ExplainedScore& objective, const Shape& shape, int target,
                      std::span<const float> values, std::span<float> seed);

/// "logit of dog", "sum of relu3, channel 5".
std::string describe(const ExplainedScore& objective, const std::string& class_name);

}  // namespace backlight
