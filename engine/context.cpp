#include "engine/context.h"

#include <algorithm>

#include "kernels/elementwise.h"

namespace backlight {
namespace {
std::size_t at(int index) { return static_cast<std::size_t>(index); }
std::string gradient_name(const std::string& value) { return "d " + value; }
}  // namespace

Operand Context::operand(const Tensor& tensor, const std::string& name) const {
  if (!tensor) return {};
  return {tensor, name, tensor.bytes()};
}

Operand Context::input(int index) const {
  const ValueId id = node_.inputs[at(index)];
  return operand(input_.arena.value(id), input_.graph.value(id).name);
}
Operand Context::output() const {
  return operand(input_.arena.value(node_.output), input_.graph.value(node_.output).name);
}
Shape Context::input_shape(int index) const { return input_.graph.value(node_.inputs[at(index)]).shape; }
Shape Context::output_shape() const { return input_.graph.value(node_.output).shape; }

Operand Context::parameter(int index) const {
  if (index >= static_cast<int>(node_.parameters.size())) return {};
  const Parameter& parameter = input_.graph.parameter(node_.parameters[at(index)]);
  const bool constant = parameter.role == ParameterSpec::Role::constant;
  return operand(constant ? input_.constants.at(parameter.name) : unpacked(parameter.name), parameter.name);
}

PreparedOperand Context::prepared(int index) const {
  const Parameter& parameter = input_.graph.parameter(node_.parameters[at(index)]);
  const Tensor tensor{nullptr, parameter.shape, input_.precision, input_.device};
  return {{tensor, parameter.name, tensor.bytes()}};
}

Operand Context::saved_by(NodeId id) const {
  const Saved saved = input_.arena.saved(id);
  if (!saved) return {};
  Tensor tensor;
  tensor.data = saved.data;
  tensor.device = input_.device;
  return {tensor, "saved by " + input_.graph.node(id).name, saved.bytes};
}
Operand Context::saved() const { return saved_by(id_of(node_)); }

Operand Context::saved(std::int64_t offset, const Shape& shape) const {
  const Operand all = saved();
  if (!all) return {};
  std::byte* data = all.tensor.data + static_cast<std::size_t>(offset) * element_bytes(input_.precision);
  return operand({data, shape, input_.precision, input_.device}, all.name);
}

void Context::pass(const Operand& from, const Operand& to, Write write) const {
  if (from.tensor.data == to.tensor.data) return;
  run<Accumulate>(ElementwiseSizes{to.tensor.shape.elements()}, from, to, write);
}

void Context::add(Call call, std::size_t scratch, std::size_t shared) const {
  const auto bytes = [](const std::vector<Operand>& operands) {
    double sum = 0;
    for (const Operand& operand : operands) sum += static_cast<double>(operand.bytes);
    return sum;
  };
  call.bytes = bytes(call.reads) + bytes(call.writes) * (call.adds ? 2 : 1);
  call.scratch = scratch * at(input_.machine.threads) + shared;
  compiled_.scratch = std::max(compiled_.scratch, scratch);
  compiled_.shared = std::max(compiled_.shared, shared);
  calls_.push_back(std::move(call));
}

const PreparedParameter* Context::prepare(const std::string& parameter, const std::string& kernel,
                                          std::size_t count,
                                          const PreparedParameter::Prepare& prepare) const {
  PreparedParameter* prepared = &input_.parameters.prepared(parameter, kernel, count, prepare);
  if (std::find(compiled_.prepared.begin(), compiled_.prepared.end(), prepared) == compiled_.prepared.end())
    compiled_.prepared.push_back(prepared);
  return prepared;
}

ForwardContext::ForwardContext(const CompileInput& input, Compiled& compiled, const Node& node, bool replay)
    : Context(input, compiled, replay ? compiled.program.replay : compiled.program.forward, node,
              replay ? Call::Direction::replay : Call::Direction::forward) {}

BackwardContext::BackwardContext(const CompileInput& input, Compiled& compiled, const Node& node,
                                 std::size_t step)
    : Context(input, compiled, compiled.program.backward, node, Call::Direction::backward), step_(step) {}

ReluRule BackwardContext::rule() const { return input_.differentiation->rule; }
Operand BackwardContext::output_gradient() const {
  return operand(input_.arena.gradient(node_.output), gradient_name(input_.graph.value(node_.output).name));
}
bool BackwardContext::wants_input(int index) const {
  return input_.differentiation->steps[step_].inputs[at(index)];
}
Operand BackwardContext::input_gradient(int index) const {
  const ValueId id = node_.inputs[at(index)];
  return operand(input_.arena.gradient(id), gradient_name(input_.graph.value(id).name));
}
Write BackwardContext::write(int index) const { return input_.plan.steps[step_].writes[at(index)]; }
GradientGate BackwardContext::gate(int index) const {
  GradientGate gate;
  gate.gate.write = write(index);
  if (!input_.plan.steps[step_].gates[at(index)]) return gate;
  gate.signs = saved_by(input_.graph.value(node_.inputs[at(index)]).producer);
  gate.gate.gated = true;
  gate.gate.rule = rule();
  gate.gate.mask = reinterpret_cast<const std::uint8_t*>(gate.signs.tensor.data);
  return gate;
}
bool BackwardContext::wants_parameters() const { return input_.differentiation->steps[step_].parameters; }
Operand BackwardContext::parameter_gradient(int index) const {
  if (index >= static_cast<int>(node_.parameters.size())) return {};
  const ParameterId id = node_.parameters[at(index)];
  return operand(input_.arena.parameter_gradient(id), gradient_name(input_.graph.parameter(id).name));
}

}  // namespace backlight
