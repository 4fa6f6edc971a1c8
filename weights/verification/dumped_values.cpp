#include "weights/verification/dumped_values.h"

#include <algorithm>

#include "engine/error.h"

namespace backlight {

bool rewritten(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) { return !node.absorbed.empty(); });
}

const std::string& DumpedValues::name(Part part, ValueId id) const {
  const NodeId producer = graph_.value(id).producer;
  if (part == Part::gradients && producer >= 0) {
    const Node& node = graph_.node(producer);
    if (node.op->ends_in_relu() && !node.absorbed.empty()) return node.absorbed.back();
  }
  return graph_.value(id).name;
}

bool DumpedValues::has(Part part, ValueId id) const {
  if (part == Part::gradients ? name(part, id) == "input" : id == logits_) return true;
  return dump_.contains(part, name(part, id));
}

DumpTensor DumpedValues::read(Part part, ValueId id) const {
  const std::string& its = name(part, id);
  DumpTensor tensor = dump_.contains(part, its) ? dump_.read(part, its)
                      : part == Part::gradients ? dump_.input_gradient()
                                                : dump_.logits();
  if (!(tensor.shape == graph_.value(id).shape))
    throw Error("dump: '" + its + "' has the shape " + to_string(tensor.shape) + ", in the network it has " +
                to_string(graph_.value(id).shape));
  return tensor;
}

bool DumpedValues::holds(const std::string& name) const {
  return dump_.contains(Part::activations, name) || dump_.contains(Part::gradients, name);
}

VerifiedValue DumpedValues::new_row(const std::string& name, ValueId id) const {
  const auto whole = [&](Part part) { return dump_.contains(part, name) && dump_.whole(part, name); };
  VerifiedValue row{.name = name, .shape = graph_.value(id).shape};
  row.whole = whole(Part::gradients) || whole(Part::activations) ||
              (!holds(name) && (id == logits_ ? dump_.logits() : dump_.input_gradient()).whole());
  if (graph_.value(id).producer >= 0) {
    row.source = VerifiedValue::Source::node;
    row.kind = graph_.node(graph_.value(id).producer).op->kind();
  }
  return row;
}

const Parameter* DumpedValues::find_parameter(const std::string& name) const {
  const auto& all = graph_.parameters();
  const auto found = std::ranges::find(all, name, &Parameter::name);
  return found == all.end() ? nullptr : &*found;
}

std::vector<VerifiedValue> DumpedValues::rows() const {
  std::vector<VerifiedValue> rows;
  for (ValueId id = 0; id < static_cast<ValueId>(graph_.values().size()); ++id) {
    const Value& value = graph_.value(id);
    if (value.producer >= 0)
      for (const std::string& gone : graph_.node(value.producer).absorbed)
        if (holds(gone)) {
          rows.push_back(new_row(gone, id));
          rows.back().fused_into = graph_.node(value.producer).name;
        }
    if (holds(value.name) || id == logits_ || value.name == "input") rows.push_back(new_row(value.name, id));
  }
  if (rewritten(graph_)) return rows;
  for (const std::string& name : dump_.names(Part::parameter_gradients))
    if (const Parameter* parameter = find_parameter(name))
      rows.push_back({.name = name,
                      .source = VerifiedValue::Source::parameter,
                      .kind = "parameter",
                      .shape = parameter->shape,
                      .whole = dump_.whole(Part::parameter_gradients, name)});
  return rows;
}

std::vector<std::string> DumpedValues::unknown() const {
  std::vector<std::string> names;
  if (!rewritten(graph_))
    for (const std::string& name : dump_.names(Part::parameter_gradients))
      if (!find_parameter(name)) names.push_back("parameter_gradients/" + name);
  const auto known = [&](const std::string& name) {
    return graph_.find(name) || std::ranges::any_of(graph_.nodes(), [&](const Node& node) {
             return std::ranges::find(node.absorbed, name) != node.absorbed.end();
           });
  };
  for (const std::string& name : dump_.names(Part::activations))
    if (!known(name)) names.push_back("activations/" + name);
  for (const std::string& name : dump_.names(Part::gradients))
    if (!known(name)) names.push_back("gradients/" + name);
  return names;
}

}  // namespace backlight
