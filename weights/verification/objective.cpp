#include "weights/verification/objective.h"

#include "engine/error.h"
#include "layers/softmax.h"

namespace backlight {

Objective objective_from_name(std::string_view name) {
  for (const Objective objective : {Objective::logit, Objective::cross_entropy})
    if (to_string(objective) == name) return objective;
  throw UsageError("objective '" + std::string(name) + "': expected logit or cross_entropy");
}

std::string_view to_string(Objective objective) {
  return objective == Objective::logit ? "logit" : "cross_entropy";
}

ValueId add_objective(Graph& graph, Objective objective) {
  const ValueId logits = graph.output();
  if (objective == Objective::logit) return logits;
  return graph.add("cross_entropy", std::make_shared<CrossEntropy>(),
                   {logits, graph.input("target", {graph.value(logits).shape.batch()})});
}

std::vector<double> objective_seed(Objective objective, std::int64_t classes,
                                   const std::vector<std::int64_t>& target) {
  if (objective == Objective::cross_entropy) return std::vector<double>(target.size(), 1.0);
  std::vector<double> seed(target.size() * static_cast<std::size_t>(classes));
  for (std::size_t n = 0; n < target.size(); ++n)
    seed[n * static_cast<std::size_t>(classes) + static_cast<std::size_t>(target[n])] = 1;
  return seed;
}

}  // namespace backlight
