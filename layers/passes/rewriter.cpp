#include "layers/passes/rewriter.h"

namespace backlight {

ValueId Rewriter::translated(ValueId old) {
  if (!now_.count(old)) now_[old] = to_.input(from_.value(old).name, from_.value(old).shape);
  return now_[old];
}

void Rewriter::copy(const Node& node) { replace(node, node.op, node.inputs, node.output, {}); }

void Rewriter::replace(const Node& node, std::shared_ptr<const Op> op, const std::vector<ValueId>& inputs,
                       ValueId output, const std::vector<ValueId>& absorbed, const std::string& value_name) {
  std::vector<ValueId> now;
  for (const ValueId input : inputs) now.push_back(translated(input));
  std::vector<std::string> names = node.absorbed;
  for (const ValueId value : absorbed) {
    names.push_back(from_.value(value).name);
    gone_.insert(value);
  }
  now_[output] = to_.add(node.name, std::move(op), now,
                         value_name.empty() ? from_.value(output).name : value_name, names);
}

const Node* only_reader(const Graph& graph, ValueId value) {
  if (value == graph.output()) return nullptr;
  const Node* only = nullptr;
  for (const Node& node : graph.nodes())
    for (const ValueId input : node.inputs)
      if (input == value) {
        if (only) return nullptr;
        only = &node;
      }
  return only;
}

}  // namespace backlight
