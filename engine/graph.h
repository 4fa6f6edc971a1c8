#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/op.h"

namespace backlight {

// Places in the graph's lists.
using ValueId = int;
using NodeId = int;
using ParameterId = int;

struct Value {
  std::string name;
  Shape shape;
  NodeId producer = -1;  // -1: an input of the graph
};

struct Parameter {
  std::string name;  // as in the state dict: "layer1.0.conv2.weight"
  Shape shape;
  ParameterSpec::Role role;
  std::vector<double> values;  // of a constant
};

struct Node {
  std::string name;  // as the module is called in the framework: "layer1.0.conv2"
  std::shared_ptr<const Op> op;
  std::vector<ValueId> inputs;
  ValueId output;
  std::vector<ParameterId> parameters;
  /// The values between the operations that a pass has made one node of, in order: they no longer exist.
  std::vector<std::string> absorbed = {};
};

/// A network: values and the nodes that make them, in an order in which they can run. Shapes are inferred as
/// nodes are added, so a wrong network fails where it is built.
class Graph {
 public:
  /// Throws Error where the name is taken.
  ValueId input(const std::string& name, const Shape& shape);
  /// Adds a node after all there are. Its output is called `value_name`, or as the node where that is empty.
  /// Throws Error that names the node and the shapes where they do not fit, or where a name is taken.
  ValueId add(const std::string& name, std::shared_ptr<const Op> op, const std::vector<ValueId>& inputs,
              const std::string& value_name = {}, const std::vector<std::string>& absorbed = {});

  /// The same network for another batch: every input's first extent becomes `batch`.
  Graph with_batch(std::int64_t batch) const;

  const std::vector<Value>& values() const { return values_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Value& value(ValueId id) const { return values_[static_cast<std::size_t>(id)]; }
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  const Parameter& parameter(ParameterId id) const { return parameters_[static_cast<std::size_t>(id)]; }

  std::optional<ValueId> find(std::string_view value_name) const;
  /// As find, but throws UsageError where there is no such value.
  ValueId at(std::string_view value_name) const;
  /// The value that the last node makes.
  ValueId output() const { return nodes_.back().output; }
  std::vector<Shape> input_shapes(const Node& node) const;

 private:
  ValueId new_value(const std::string& name, const Shape& shape, NodeId producer);

  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<Parameter> parameters_;
};

}  // namespace backlight
