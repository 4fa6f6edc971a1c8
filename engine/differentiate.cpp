#include "engine/differentiate.h"

#include <algorithm>

#include "engine/error.h"

namespace backlight {

Differentiation differentiate(const Graph& graph, ValueId target, const std::vector<ValueId>& wanted,
                              ReluRule rule, bool parameters) {
  const auto at = [](ValueId id) { return static_cast<std::size_t>(id); };

  // Forward sweep: which values depend on something wanted.
  std::vector<bool> depends(graph.values().size(), false);
  for (const ValueId id : wanted) depends[at(id)] = true;
  const auto trains = [&](const Node& node) {
    return parameters && std::any_of(node.parameters.begin(), node.parameters.end(), [&](ParameterId id) {
             return graph.parameter(id).role == ParameterSpec::Role::trainable;
           });
  };
  for (const Node& node : graph.nodes())
    if (trains(node) ||
        std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) { return depends[at(id)]; }))
      depends[at(node.output)] = true;

  // Backward sweep: which of those the target depends on.
  Differentiation result{target, wanted, parameters, rule, {}};
  std::vector<bool> reached(graph.values().size(), false);
  reached[at(target)] = depends[at(target)];
  for (NodeId id = static_cast<NodeId>(graph.nodes().size()) - 1; id >= 0; --id) {
    const Node& node = graph.node(id);
    if (!reached[at(node.output)]) continue;
    BackwardStep step{id, {}, trains(node)};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId input = node.inputs[i];
      step.inputs.push_back(depends[at(input)]);
      if (!depends[at(input)]) continue;
      reached[at(input)] = true;
      if (!node.op->has_gradient(static_cast<int>(i)))
        throw UsageError("node '" + node.name + "' (" + std::string(node.op->kind()) +
                         ") has no gradient for its input '" + graph.value(input).name + "'");
    }
    if (step.parameters || std::find(step.inputs.begin(), step.inputs.end(), true) != step.inputs.end())
      result.steps.push_back(std::move(step));
  }
  for (const ValueId id : wanted)
    if (!reached[at(id)])
      throw UsageError("'" + graph.value(target).name + "' does not depend on '" + graph.value(id).name +
                       "': there is no gradient");
  return result;
}

bool Differentiation::reaches(const Graph& graph, ValueId value) const {
  if (value == target) return true;
  for (const BackwardStep& step : steps) {
    const Node& node = graph.node(step.node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (step.inputs[i] && node.inputs[i] == value) return true;
  }
  return false;
}

ReluRule relu_rule_from_name(std::string_view name) {
  for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet})
    if (to_string(rule) == name) return rule;
  throw UsageError("rule '" + std::string(name) + "': gradient, guided or deconvnet");
}

std::string_view to_string(ReluRule rule) {
  switch (rule) {
    case ReluRule::gradient:
      return "gradient";
    case ReluRule::guided:
      return "guided";
    case ReluRule::deconvnet:
      return "deconvnet";
  }
  return {};
}

Count count_relus(const Graph& graph, const Differentiation& differentiation) {
  const auto is_relu = [](const Node& node) { return node.op->decisions() == Decisions::signs; };
  Count count;
  for (const Node& node : graph.nodes()) count.all += is_relu(node);
  for (const BackwardStep& step : differentiation.steps) count.passed += is_relu(graph.node(step.node));
  return count;
}

}  // namespace backlight
