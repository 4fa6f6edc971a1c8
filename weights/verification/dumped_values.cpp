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

std::string DumpedValues::path(Part part, ValueId id) const {
  const std::string& its = name(part, id);
  if (dump_.contains(part, its)) return ReferenceDump::path(part, its);
  return path_apart(part, id);
}

std::string DumpedValues::path_apart(Part part, ValueId id) const {
  std::string path;
  if (part == Part::gradients && graph_.value(id).name == "input") path = "input_gradient";
  if (part == Part::activations && id == logits_) path = "logits";
  return dump_.contains(path) ? path : "";
}

bool DumpedValues::has(Part part, ValueId id) const {
  const std::string its = path(part, id);
  return !its.empty() && dump_.shape(its) == graph_.value(id).shape;
}

bool DumpedValues::has_node(Part part, ValueId id) const {
  return dump_.contains(part, name(part, id)) && has(part, id);
}

bool DumpedValues::holds(const std::string& name) const {
  return dump_.contains(Part::activations, name) || dump_.contains(Part::gradients, name);
}

void DumpedValues::expect_fit(VerifiedValue& row, const std::string& path) const {
  if (path.empty()) return;
  row.whole = row.whole || dump_.whole(path);
  if (row.misfit.empty() && !(dump_.shape(path) == row.shape))
    row.misfit = to_string(dump_.shape(path)) + ", in the network " + to_string(row.shape);
}

VerifiedValue DumpedValues::new_row(const std::string& name, ValueId id) const {
  VerifiedValue row{.name = name, .shape = graph_.value(id).shape, .whole = false};
  for (const Part part : {Part::activations, Part::gradients}) {
    if (dump_.contains(part, name)) expect_fit(row, ReferenceDump::path(part, name));
    if (name == graph_.value(id).name) expect_fit(row, path_apart(part, id));
  }
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
    if (holds(value.name) || !path_apart(Part::activations, id).empty() ||
        !path_apart(Part::gradients, id).empty())
      rows.push_back(new_row(value.name, id));
  }
  if (rewritten(graph_)) return rows;
  for (const std::string& name : dump_.names(Part::parameter_gradients))
    if (const Parameter* parameter = find_parameter(name)) {
      rows.push_back({.name = name,
                      .source = VerifiedValue::Source::parameter,
                      .kind = "parameter",
                      .shape = parameter->shape,
                      .whole = false});
      expect_fit(rows.back(), ReferenceDump::path(Part::parameter_gradients, name));
    }
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
