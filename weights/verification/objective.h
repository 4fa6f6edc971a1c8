#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/graph.h"

namespace backlight {

/// What is differentiated: the sum over the batch of the target logits, or of −log softmax[target].
enum class Objective { logit, cross_entropy };

/// "logit", "cross_entropy". Throws UsageError for another name.
Objective objective_from_name(std::string_view name);
std::string_view to_string(Objective objective);

/// The value of a graph that ends in logits whose sum is the objective: the logits, or the loss of every
/// image, which is added, with the input "target", N.
ValueId add_objective(Graph& graph, Objective objective);
/// The gradient of the objective at that value: N,classes, 1 at the targets; or N ones.
std::vector<double> objective_seed(Objective objective, std::int64_t classes,
                                   const std::vector<std::int64_t>& target);

}  // namespace backlight
