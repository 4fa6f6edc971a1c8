#include "weights/verification/dumped_values.h"

#include <algorithm>

#include "engine/error.h"

namespace backlight {

bool DumpedValues::has(Part part, ValueId id) const {
  if (part == Part::gradients ? name(id) == "input" : id == logits_) return true;
  return dump_.contains(part, name(id));
}

bool DumpedValues::whole(Part part, ValueId id) const {
  return dump_.contains(part, name(id)) ? dump_.whole(part, name(id))
                                        : has(part, id) && read(part, id).whole();
}

DumpTensor DumpedValues::read(Part part, ValueId id) const {
  DumpTensor tensor = dump_.contains(part, name(id)) ? dump_.read(part, name(id))
                      : part == Part::gradients      ? dump_.input_gradient()
                                                     : dump_.logits();
  if (!(tensor.shape == graph_.value(id).shape))
    throw Error("dump: '" + name(id) + "' has the shape " + to_string(tensor.shape) +
                ", in the network it has " + to_string(graph_.value(id).shape));
  return tensor;
}

const Parameter* DumpedValues::find_parameter(const std::string& name) const {
  const auto& all = graph_.parameters();
  const auto found = std::ranges::find(all, name, &Parameter::name);
  return found == all.end() ? nullptr : &*found;
}

std::vector<VerifiedValue> DumpedValues::rows() const {
  std::vector<VerifiedValue> rows;
  for (ValueId id = 0; id < static_cast<ValueId>(graph_.values().size()); ++id) {
    if (!has(Part::activations, id) && !has(Part::gradients, id)) continue;
    const Value& value = graph_.value(id);
    VerifiedValue row{.name = value.name,
                      .shape = value.shape,
                      .whole = whole(Part::gradients, id) || whole(Part::activations, id)};
    if (value.producer >= 0) {
      row.source = VerifiedValue::Source::node;
      row.kind = graph_.node(value.producer).op->kind();
    }
    rows.push_back(std::move(row));
  }
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
  for (const std::string& name : dump_.names(Part::parameter_gradients))
    if (!find_parameter(name)) names.push_back("parameter_gradients/" + name);
  for (const std::string& name : dump_.names(Part::activations))
    if (!graph_.find(name)) names.push_back("activations/" + name);
  for (const std::string& name : dump_.names(Part::gradients))
    if (!graph_.find(name)) names.push_back("gradients/" + name);
  return names;
}

}  // namespace backlight
