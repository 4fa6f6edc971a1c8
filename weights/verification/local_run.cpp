#include "weights/verification/local_run.h"

#include <algorithm>

#include "kernels/relu.h"

namespace backlight {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

/// The signs of a ReLU from what it made, N,C,H,W, as its node saves them (kernels/relu.h): y > 0 where x >
/// 0.
std::vector<std::uint8_t> signs_of(const Shape& shape, std::span<const double> y) {
  const std::int64_t channels = shape.channels(), pixels = shape.pixels(), bytes = mask_row_bytes(channels);
  std::vector<std::uint8_t> signs(static_cast<std::size_t>(shape.batch() * pixels * bytes));
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto element = static_cast<std::int64_t>(i), pixel = element % pixels,
               channel = element / pixels % channels, image = element / pixels / channels;
    if (y[i] > 0)
      signs[static_cast<std::size_t>((image * pixels + pixel) * bytes + channel / 8)] |=
          static_cast<std::uint8_t>(1 << channel % 8);
  }
  return signs;
}

}  // namespace

LocalRun::LocalRun(DumpedRun& run, RoundingNoise* noise)
    : run_(run),
      noise_(noise),
      clean_(run.graph().values().size(), true),
      clean_gradient_(clean_),
      given_(clean_),
      given_gradient_(clean_) {}

bool LocalRun::inputs_are(const std::vector<bool>& what, const Node& node) const {
  return std::ranges::all_of(node.inputs, [&](ValueId input) { return what[at(input)]; });
}

bool LocalRun::readers_are(const std::vector<bool>& gradients, const std::vector<bool>& values,
                           ValueId id) const {
  return std::ranges::all_of(run_.session().required_differentiation().steps, [&](const BackwardStep& step) {
    const Node& node = graph().node(step.node);
    const bool reads = std::ranges::find(node.inputs, id) != node.inputs.end();
    return !reads || (gradients[at(node.output)] && inputs_are(values, node));
  });
}

bool LocalRun::is_clean(const std::string& parameter) const {
  for (const Node& node : graph().nodes())
    for (const ParameterId id : node.parameters)
      if (graph().parameter(id).name == parameter)
        return clean_gradient_[at(node.output)] && inputs_are(clean_, node);
  return false;
}

void LocalRun::before_node(NodeId id) {
  if (!noise_ || id >= std::ssize(graph().nodes()) || !noise_->rounds_factors_of(graph().node(id))) return;
  exact_ = disturb_inputs(id);
}

std::vector<std::vector<double>> LocalRun::disturb_inputs(NodeId id) {
  std::vector<std::vector<double>> exact;
  for (const ValueId input : graph().node(id).inputs) {
    exact.push_back(run_.session().value<double>(graph().value(input).name));
    run_.session().overwrite_value(input, std::span<const double>(noise_->disturbed(exact.back())));
  }
  return exact;
}

void LocalRun::after_node(NodeId id) {
  for (std::size_t i = 0; i < exact_.size(); ++i)
    run_.session().overwrite_value(graph().node(id).inputs[i], std::span<const double>(exact_[i]));
  exact_.clear();
}

void LocalRun::see_value(ValueId id, const Visit& visit) {
  const NodeId producer = graph().value(id).producer;
  const Node& node = graph().node(producer);
  const DumpedValues& dump = run_.theirs();
  const bool judged = inputs_are(clean_, node), direct = inputs_are(given_, node),
             known = dump.has(Part::activations, id);
  DumpTensor theirs = known ? dump.read(Part::activations, id) : DumpTensor{};
  const bool replaced = known && theirs.whole();
  // A ReLU that is a node decides by what the dump says comes before it; one within a node by what it made.
  if (node.op->decisions() != Decisions::none) held_ = held_ && (node.op->ends_in_relu() ? replaced : judged);
  clean_[at(id)] = known ? replaced : judged;
  given_[at(id)] = replaced;
  std::vector<double> ours = run_.session().value<double>(graph().value(id).name);
  if (known && judged) visit(Part::activations, id, ours, theirs, direct);
  const bool disturbed = noise_ && noise_->rounds_values();
  if (replaced) ours = std::move(theirs.value);
  if (disturbed) ours = noise_->disturbed(ours);
  if (replaced || disturbed) run_.session().overwrite_value(id, std::span<const double>(ours));
  if (replaced && node.op->ends_in_relu())
    run_.session().overwrite_saved(producer, signs_of(graph().value(id).shape, ours));
}

void LocalRun::see_gradient(ValueId id, const Visit& visit) {
  const DumpedValues& dump = run_.theirs();
  const bool judged = readers_are(clean_gradient_, clean_, id),
             direct = readers_are(given_gradient_, given_, id), known = dump.has(Part::gradients, id);
  DumpTensor theirs = known ? dump.read(Part::gradients, id) : DumpTensor{};
  const bool replaced = known && theirs.whole();
  clean_gradient_[at(id)] = known ? replaced : judged;
  given_gradient_[at(id)] = replaced || graph().value(id).producer + 1 == std::ssize(graph().nodes());
  const NodeId producer = graph().value(id).producer;
  const bool disturbed = noise_ && (noise_->rounds_values() ||
                                    (producer >= 0 && noise_->rounds_factors_of(graph().node(producer))));
  if (!known && !disturbed) return;
  std::vector<double> ours = run_.session().gradient<double>(dump.name(Part::gradients, id));
  if (known && judged) visit(Part::gradients, id, ours, theirs, direct);
  if (replaced) ours = std::move(theirs.value);
  if (disturbed) ours = noise_->disturbed(ours);
  if (replaced || disturbed) run_.session().overwrite_gradient(id, std::span<const double>(ours));
  // The gradients of weights are products with the node's inputs.
  if (disturbed && !noise_->rounds_values()) disturb_inputs(producer);
}

void LocalRun::run(const Visit& visit) {
  Session& session = run_.session();
  session.watch({[&](ValueId id) {
                   after_node(graph().value(id).producer);
                   see_value(id, visit);
                   before_node(graph().value(id).producer + 1);
                 },
                 [&](ValueId id) { see_gradient(id, visit); }});
  run_.set_inputs();
  before_node(0);
  run_.forward();
  run_.backward();
  session.watch({});
}

}  // namespace backlight
