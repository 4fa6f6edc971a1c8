#include "engine/graph.h"

#include "engine/error.h"

namespace backlight {

ValueId Graph::new_value(const std::string& name, const Shape& shape, NodeId producer) {
  if (find(name)) throw Error("graph: there are two values called '" + name + "'");
  values_.push_back({name, shape, producer});
  return static_cast<ValueId>(values_.size()) - 1;
}

ValueId Graph::input(const std::string& name, const Shape& shape) { return new_value(name, shape, -1); }

ValueId Graph::add(const std::string& name, std::shared_ptr<const Op> op, const std::vector<ValueId>& inputs,
                   const std::string& value_name, const std::vector<std::string>& absorbed) {
  for (const Node& other : nodes_)  // parameters are called after their node
    if (other.name == name) throw Error("graph: there are two nodes called '" + name + "'");
  Node node{name, std::move(op), inputs, 0, {}, absorbed};
  const std::vector<Shape> shapes = input_shapes(node);
  Shape output;
  try {
    output = node.op->infer(shapes);
  } catch (const Error& error) {
    std::string text = "node '" + name + "' (" + std::string(node.op->kind()) + ") of input";
    for (const Shape& shape : shapes) text += " " + to_string(shape);
    throw Error(text + ": " + error.what());
  }
  node.output = new_value(value_name.empty() ? name : value_name, output, static_cast<NodeId>(nodes_.size()));
  for (ParameterSpec& spec : node.op->parameters(shapes)) {
    node.parameters.push_back(static_cast<ParameterId>(parameters_.size()));
    parameters_.push_back({name + "." + spec.name, spec.shape, spec.role, std::move(spec.values)});
  }
  nodes_.push_back(std::move(node));
  return nodes_.back().output;
}

Graph Graph::with_batch(std::int64_t batch) const {
  Graph graph;
  for (const Value& value : values_) {
    if (value.producer >= 0) {
      const Node& made_by = node(value.producer);
      graph.add(made_by.name, made_by.op, made_by.inputs, value.name, made_by.absorbed);
    } else {
      std::vector<std::int64_t> extents = value.shape.extents();
      extents[0] = batch;
      graph.input(value.name, Shape(std::move(extents)));
    }
  }
  return graph;
}

std::optional<ValueId> Graph::find(std::string_view value_name) const {
  for (std::size_t id = 0; id < values_.size(); ++id)
    if (values_[id].name == value_name) return static_cast<ValueId>(id);
  return std::nullopt;
}

ValueId Graph::at(std::string_view value_name) const {
  if (const auto id = find(value_name)) return *id;
  throw UsageError("the network has no value called '" + std::string(value_name) + "'");
}

std::vector<Shape> Graph::input_shapes(const Node& node) const {
  std::vector<Shape> shapes;
  for (const ValueId id : node.inputs) shapes.push_back(value(id).shape);
  return shapes;
}

}  // namespace backlight
