#include "engine/session.h"

#include <algorithm>
#include <cstdio>

#include "engine/error.h"

namespace backlight {
namespace {

LayoutSizes layout_of(const Shape& shape) { return {shape.batch(), shape.channels(), shape.pixels()}; }

std::size_t rounded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

std::string gigabytes(std::size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GB", static_cast<double>(bytes) / 1e9);
  return text;
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
  if (parameters_->size() > 0 && parameters_->device() != options_.device)
    throw UsageError("a session on " + std::string(to_string(options_.device)) +
                     " was given parameters that are on " + std::string(to_string(parameters_->device())));
  const KernelChoice kernels(options_.kernel, options_.device, options_.strict);
  for (const Parameter& parameter : graph_.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) {
      const Tensor constant = constants_.add(parameter.name, parameter.shape);
      constant.assign(std::span<const double>(parameter.values));
      continue;
    }
    if (const Shape& found = parameters_->shape(parameter.name); !(found == parameter.shape))
      throw Error("parameter '" + parameter.name + "': the network needs " + to_string(parameter.shape) +
                  ", the weights have " + to_string(found));
  }
  const Differentiation* back = differentiation_ ? &*differentiation_ : nullptr;
  for (const ValueId id : back ? back->wanted : std::vector<ValueId>())
    if (passes_own_relu(id)) throw UsageError(fused_gradient(id));
  PlanOptions plan_options{precision(), {}, options_.keep_all};
  for (const std::string& name : options_.keep) plan_options.keep.push_back(graph_.at(name));
  plan_ = make_plan(graph_, back, plan_options);
  check_memory(plan_.arena_bytes);
  arena_.emplace(graph_, plan_, precision(), options_.device);
  if (back) seed_ = arena_->gradient(back->target);
  const Machine machine{options_.threads};
  compiled_ = compile({graph_, back, plan_, *arena_, *parameters_, constants_, kernels, options_.tuning.get(),
                       precision(), options_.device, machine, options_.keep_all});
  const std::size_t slice = rounded(compiled_.scratch),
                    slices = slice * static_cast<std::size_t>(machine.threads);
  std::size_t to_come = parameters_->bytes_to_come();
  for (const PreparedParameter* parameter : compiled_.prepared)
    if (!parameter->data()) to_come += parameter->bytes();
  check_memory(plan_.arena_bytes + slices + compiled_.shared + to_come);
  scratch_ = Buffer(options_.device, slices + compiled_.shared);
  workers_ = {machine.threads, scratch_.data(), slice, scratch_.data() + slices};
}

Session::~Session() = default;

/// Nothing of the arena has been touched yet where this is called: it takes no memory so far.
void Session::check_memory(std::size_t needed) const {
  const std::size_t available = memory_of(options_.device).available();
  if (needed <= available) return;
  const std::int64_t batch = graph_.value(0).shape.batch();
  const auto share = static_cast<double>(available) / static_cast<double>(needed);
  const auto fits = [&](std::int64_t smaller) {
    const Graph other = graph_.with_batch(smaller);
    const Plan plan = make_plan(other, differentiation_ ? &*differentiation_ : nullptr,
                                {precision(), {}, options_.keep_all});
    return plan.arena_bytes + (needed - plan_.arena_bytes) <= available;
  };
  std::int64_t smaller = static_cast<std::int64_t>(static_cast<double>(batch) * share);
  while (smaller > 0 && !fits(smaller)) smaller = smaller * 9 / 10;
  throw Error(
      "the network needs " + gigabytes(needed) + " for a batch of " + std::to_string(batch) +
      ", and the machine has " + gigabytes(available) +
      (smaller > 0 ? ": a batch of " + std::to_string(smaller) + " fits" : ": not even a batch of 1 fits"));
}

const Differentiation& Session::required_differentiation() const {
  if (!differentiation_)
    throw UsageError("this session was made without a differentiation: it has no gradients");
  return *differentiation_;
}

MemoryUse Session::memory() const {
  MemoryUse use{parameters_->bytes(), 0, arena_->bytes(), scratch_.bytes()};
  for (const PreparedParameter* prepared : compiled_.prepared) use.prepared += prepared->bytes();
  return use;
}

Tensor Session::parameter_gradient_tensor(std::string_view name) const {
  for (ParameterId id = 0; id < static_cast<ParameterId>(graph_.parameters().size()); ++id)
    if (graph_.parameter(id).name == name)
      if (const Tensor gradient = arena_->parameter_gradient(id)) return gradient;
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
  const Differentiation& d = required_differentiation();
  // The gradient of a node that ends in a ReLU has passed it: it is that of the last value within the node.
  for (const Node& node : graph_.nodes())
    if (options_.keep_all && !node.absorbed.empty() && node.absorbed.back() == name &&
        passes_own_relu(node.output))
      return node.output;
  const ValueId id = graph_.at(name);
  if (passes_own_relu(id)) throw UsageError(fused_gradient(id));
  if (options_.keep_all ? d.reaches(graph_, id)
                        : std::find(d.wanted.begin(), d.wanted.end(), id) != d.wanted.end())
    return id;
  throw UsageError("the gradient of '" + std::string(name) +
                   "' was not kept: name it in differentiate's wanted values");
}

bool Session::passes_own_relu(ValueId id) const {
  const NodeId producer = graph_.value(id).producer;
  if (producer < 0 || !differentiation_ || !graph_.node(producer).op->ends_in_relu()) return false;
  const auto& steps = differentiation_->steps;
  return std::any_of(steps.begin(), steps.end(),
                     [&](const BackwardStep& step) { return step.node == producer; });
}
std::string Session::fused_gradient(ValueId id) const {
  const Node& node = graph_.node(graph_.value(id).producer);
  return "the gradient of '" + graph_.value(id).name + "' is gone: node '" + node.name +
         "' ends in a ReLU that it passes at once" +
         (node.absorbed.empty() ? "" : "; there is that of '" + node.absorbed.back() + "'");
}

std::span<const std::uint8_t> Session::saved(NodeId id) const {
  const Saved saved = arena_->saved(id);
  return {reinterpret_cast<const std::uint8_t*>(saved.data), saved.bytes};
}

void Session::overwrite_saved(NodeId id, std::span<const std::uint8_t> bytes) {
  const Saved saved = arena_->saved(id);
  if (bytes.size() != saved.bytes)
    throw UsageError("node '" + graph_.node(id).name + "' saves " + std::to_string(saved.bytes) +
                     " bytes, and was given " + std::to_string(bytes.size()));
  memory_of(options_.device).upload(bytes.data(), saved.data, bytes.size());
}

/// Inside, activations are stored channels last; whoever sets or reads one sees N,C,H,W.
template <class T>
void Session::import_into(const Tensor& tensor, std::span<const T> elements) {
  if (static_cast<std::int64_t>(elements.size()) != tensor.shape.elements())
    throw UsageError("a value of shape " + to_string(tensor.shape) + " was given " +
                     std::to_string(elements.size()) + " elements");
  if (tensor.shape.rank() < 3 || tensor.shape.pixels() == 1) return tensor.assign(elements);
  std::vector<T> last(elements.size());
  const LayoutSizes sizes = layout_of(tensor.shape);
  choose(table<ToChannelsLast<T>>(Device::cpu), sizes)
      ->bind(sizes, {})
      .run(elements.data(), last.data(), Write::set, {});
  tensor.assign(std::span<const T>(last));
}
template <class T>
std::vector<T> Session::exported(const Tensor& tensor) const {
  std::vector<T> elements = tensor.copy<T>();
  if (tensor.shape.rank() < 3 || tensor.shape.pixels() == 1) return elements;
  std::vector<T> first(elements.size());
  const LayoutSizes sizes = layout_of(tensor.shape);
  choose(table<ToChannelsFirst<T>>(Device::cpu), sizes)
      ->bind(sizes, {})
      .run(elements.data(), first.data(), Write::set, {});
  return first;
}
template void Session::import_into(const Tensor&, std::span<const float>);
template void Session::import_into(const Tensor&, std::span<const double>);
template std::vector<float> Session::exported(const Tensor&) const;
template std::vector<double> Session::exported(const Tensor&) const;

void Session::prepare() { parameters_->refresh(compiled_.prepared, workers_); }

void Session::forward(bool replay) {
  if (replay && !options_.keep_all) throw UsageError("replay needs a session that keeps everything");
  prepare();
  forward_ran_ = true;
  const std::vector<Call>& calls = replay ? program().replay : program().forward;
  auto call = calls.begin();
  for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes().size()); ++id) {
    for (; call != calls.end() && call->node == id; ++call) run(*call);
    if (watcher_.value_ready) watcher_.value_ready(graph_.node(id).output);
  }
}

void Session::run_backward() {
  forward_ran_ = false;
  auto call = program().backward.begin();
  for (std::size_t step = 0; step < differentiation_->steps.size(); ++step) {
    const NodeId id = differentiation_->steps[step].node;
    const ValueId output = graph_.node(id).output;
    if (plan_.steps[step].gates_incoming) run(*call++);
    if (watcher_.gradient_ready) watcher_.gradient_ready(output);
    for (; call != program().backward.end() && call->node == id; ++call) run(*call);
  }
  if (!watcher_.gradient_ready) return;
  // What no step sends on: the graph's inputs, and wanted values that nothing before them is wanted of.
  std::vector<bool> sent(graph_.values().size(), false);
  for (const BackwardStep& step : differentiation_->steps)
    sent[static_cast<std::size_t>(graph_.node(step.node).output)] = true;
  for (ValueId id = 0; id < static_cast<ValueId>(graph_.values().size()); ++id)
    if (!sent[static_cast<std::size_t>(id)] && gradient_tensor(id)) watcher_.gradient_ready(id);
}

}  // namespace backlight
