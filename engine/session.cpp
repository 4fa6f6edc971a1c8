#include "engine/session.h"

#include <chrono>

#include "engine/error.h"
#include "engine/trace.h"

namespace backlight {
namespace {

LayoutSizes layout_of(const Shape& shape) { return {shape.batch(), shape.channels(), shape.pixels()}; }

/// Times one step and appends it to the trace, if there is one.
template <class Run>
void traced(Trace* trace, const Graph& graph, const Node& node, bool backward, Precision precision, Run run) {
  if (!trace) return run();
  const auto start = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const std::vector<Shape> inputs = graph.input_shapes(node);
  std::int64_t elements = graph.value(node.output).shape.elements();
  for (const Shape& shape : inputs) elements += shape.elements();
  trace->steps.push_back({node.name, std::string(node.op->kind()), backward, time.count(),
                          node.op->flop(inputs),
                          static_cast<double>(elements) * static_cast<double>(element_bytes(precision))});
}

}  // namespace

Session::Session(Graph graph, std::shared_ptr<const Parameters> parameters,
                 std::optional<Differentiation> differentiation, SessionOptions options)
    : graph_(std::move(graph)),
      parameters_(std::move(parameters)),
      differentiation_(std::move(differentiation)),
      options_(std::move(options)),
      constants_(parameters_->precision(), options_.device) {
  if (options_.threads < 1) throw UsageError("threads: at least 1");
  check_kernel(options_.device, options_.kernel);
  for (const Parameter& parameter : graph_.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) {
      parameter_tensors_.push_back(constants_.add(parameter.name, parameter.shape));
      parameter_tensors_.back().assign(std::span<const double>(parameter.values));
      continue;
    }
    parameter_tensors_.push_back(parameters_->at(parameter.name));
    if (!(parameter_tensors_.back().shape == parameter.shape))
      throw Error("parameter '" + parameter.name + "': the network needs " + to_string(parameter.shape) +
                  ", the weights have " + to_string(parameter_tensors_.back().shape));
  }
  PlanOptions plan_options{precision(), {}, options_.keep_all};
  for (const std::string& name : options_.keep) plan_options.keep.push_back(graph_.at(name));
  plan_ = make_plan(graph_, differentiation_ ? &*differentiation_ : nullptr, plan_options);
  arena_ = Buffer(options_.device, plan_.arena_bytes);
}

Session::~Session() = default;

const Differentiation& Session::required_differentiation() const {
  if (!differentiation_)
    throw UsageError("this session was made without a differentiation: it has no gradients");
  return *differentiation_;
}

Tensor Session::block_tensor(int block, const Shape& shape) const {
  if (block == Plan::none) return {};
  return {arena_.data() + plan_.blocks[static_cast<std::size_t>(block)].offset, shape, precision()};
}
Tensor Session::value_tensor(ValueId id) const {
  return block_tensor(plan_.activations[static_cast<std::size_t>(id)], graph_.value(id).shape);
}
Tensor Session::gradient_tensor(ValueId id) const {
  return block_tensor(plan_.gradients[static_cast<std::size_t>(id)], graph_.value(id).shape);
}
Tensor Session::parameter_gradient_tensor(std::string_view name) const {
  for (std::size_t id = 0; id < graph_.parameters().size(); ++id)
    if (graph_.parameters()[id].name == name && plan_.parameter_gradients[id] != Plan::none)
      return block_tensor(plan_.parameter_gradients[id], graph_.parameters()[id].shape);
  throw UsageError("parameter '" + std::string(name) + "' has no gradient in this session");
}

ValueId Session::input_value(std::string_view name) const {
  const ValueId id = graph_.at(name);
  if (graph_.value(id).producer >= 0)
    throw UsageError("value '" + std::string(name) + "' is no input of the network: a node makes it");
  return id;
}
ValueId Session::kept_value(std::string_view name) const {
  const ValueId id = graph_.at(name);
  if (options_.keep_all || id == graph_.output() || graph_.value(id).producer < 0) return id;
  for (const std::string& kept : options_.keep)
    if (kept == name) return id;
  throw UsageError("value '" + std::string(name) + "' was not kept: name it in SessionOptions::keep");
}
ValueId Session::kept_gradient(std::string_view name) const {
  const ValueId id = graph_.at(name);
  const Differentiation& d = required_differentiation();
  if (options_.keep_all ? d.reaches(graph_, id)
                        : std::find(d.wanted.begin(), d.wanted.end(), id) != d.wanted.end())
    return id;
  throw UsageError("the gradient of '" + std::string(name) +
                   "' was not kept: name it in differentiate's wanted values");
}

std::span<const std::uint8_t> Session::saved(NodeId id) const {
  const int block = plan_.saved[static_cast<std::size_t>(id)];
  if (block == Plan::none) return {};
  const Block& b = plan_.blocks[static_cast<std::size_t>(block)];
  return {reinterpret_cast<const std::uint8_t*>(arena_.data() + b.offset), b.bytes};
}

/// Inside, activations are stored channels last; whoever sets or reads one sees N,C,H,W.
template <class T>
void Session::import_into(const Tensor& tensor, std::span<const T> elements) {
  if (static_cast<std::int64_t>(elements.size()) != tensor.shape.elements())
    throw UsageError("a value of shape " + to_string(tensor.shape) + " was given " +
                     std::to_string(elements.size()) + " elements");
  if (tensor.shape.rank() < 3 || tensor.shape.pixels() == 1) return tensor.assign(elements);
  std::vector<T> last(elements.size());
  choose(table<ToChannelsLast<T>>(Device::cpu), layout_of(tensor.shape))
      ->run(layout_of(tensor.shape), elements.data(), last.data(), Write::set, {});
  tensor.assign(std::span<const T>(last));
}
template <class T>
std::vector<T> Session::exported(const Tensor& tensor) const {
  std::vector<T> elements = tensor.copy<T>();
  if (tensor.shape.rank() < 3 || tensor.shape.pixels() == 1) return elements;
  std::vector<T> first(elements.size());
  choose(table<ToChannelsFirst<T>>(Device::cpu), layout_of(tensor.shape))
      ->run(layout_of(tensor.shape), elements.data(), first.data(), Write::set, {});
  return first;
}
template void Session::import_into(const Tensor&, std::span<const float>);
template void Session::import_into(const Tensor&, std::span<const double>);
template std::vector<float> Session::exported(const Tensor&) const;
template std::vector<double> Session::exported(const Tensor&) const;

void Session::forward(bool replay) {
  if (replay && !options_.keep_all) throw UsageError("replay needs a session that keeps everything");
  forward_ran_ = true;
  for (const Node& node : graph_.nodes()) {
    ForwardContext context(*this, node, replay);
    traced(trace_, graph_, node, false, precision(), [&] { node.op->forward(context); });
    if (watcher_.value_ready) watcher_.value_ready(node.output);
  }
}

void Session::run_backward() {
  forward_ran_ = false;
  const Differentiation& d = *differentiation_;
  for (std::size_t step = 0; step < d.steps.size(); ++step) {
    const Node& node = graph_.node(d.steps[step].node);
    if (watcher_.gradient_ready) watcher_.gradient_ready(node.output);
    BackwardContext context(*this, node, step);
    traced(trace_, graph_, node, true, precision(), [&] { node.op->backward(context); });
  }
  if (!watcher_.gradient_ready) return;
  // What no step sends on: the graph's inputs, and wanted values that nothing before them is wanted of.
  std::vector<bool> sent(graph_.values().size(), false);
  for (const BackwardStep& step : d.steps)
    sent[static_cast<std::size_t>(graph_.node(step.node).output)] = true;
  for (ValueId id = 0; id < static_cast<ValueId>(graph_.values().size()); ++id)
    if (!sent[static_cast<std::size_t>(id)] && gradient_tensor(id)) watcher_.gradient_ready(id);
}

}  // namespace backlight
