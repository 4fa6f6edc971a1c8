#include "weights/verification/verifier.h"

#include <algorithm>
#include <bit>

#include "engine/error.h"
#include "kernels/relu.h"
#include "layers/softmax.h"

namespace backlight {
namespace {

std::size_t at(int id) { return static_cast<std::size_t>(id); }

std::int64_t differing(Decisions decisions, std::span<const std::uint8_t> a,
                       std::span<const std::uint8_t> b) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    count += decisions == Decisions::signs ? std::popcount(static_cast<unsigned>(a[i] ^ b[i])) : a[i] != b[i];
  return count;
}

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

bool decides(const Node& node) { return node.op->decisions() != Decisions::none; }

void check_sizes(const ReferenceDump& dump, const Graph& network) {
  const Shape &input = network.value(network.at("input")).shape,
              &logits = network.value(network.output()).shape;
  if (!(input == dump.input_shape()))
    throw Error("the dump's input is " + to_string(dump.input_shape()) + ", the network's " +
                to_string(input));
  if (logits.channels() != dump.class_count())
    throw Error("the dump has " + std::to_string(dump.class_count()) + " classes, the network " +
                std::to_string(logits.channels()));
}

}  // namespace

Verifier::Verifier(const ReferenceDump& dump, const Graph& network,
                   std::shared_ptr<const Parameters> parameters, SessionOptions options)
    : dump_(dump) {
  check_sizes(dump, network);
  options.keep_all = true;
  Graph graph = network;
  const ValueId logits = network.output();
  ValueId target = logits;
  if (dump.objective() == Objective::cross_entropy)
    target = graph.add("cross_entropy", std::make_shared<CrossEntropy>(),
                       {logits, graph.input("target", {dump.input_shape().batch()})});
  auto back = differentiate(graph, target, {graph.at("input")}, dump.rule(),
                            !rewritten(network) && !dump.names(Part::parameter_gradients).empty());
  session_ =
      std::make_unique<Session>(std::move(graph), std::move(parameters), std::move(back), std::move(options));
  theirs_ = std::make_unique<DumpedValues>(dump, session_->graph(), logits);
}

Verification Verifier::run() {
  const bool exact = session_->precision() == Precision::float64 && dump_.precision() == Precision::float64;
  result_.local_bar = exact ? 1e-10 : 1e-5;
  result_.end_bar = exact ? 1e-10 : 1e-4;
  result_.values = theirs_->rows();
  result_.unknown = theirs_->unknown();
  result_.fused = static_cast<int>(std::ranges::count_if(
      result_.values, [](const VerifiedValue& value) { return !value.fused_into.empty(); }));
  run_free();
  run_local();
  count_kinks();
  if (result_.held) run_held();
  return std::move(result_);
}

VerifiedValue* Verifier::row(Part part, ValueId id) {
  const auto found = std::ranges::find_if(result_.values, [&](const VerifiedValue& value) {
    return !value.is_parameter() && value.name == theirs_->name(part, id);
  });
  return found == result_.values.end() ? nullptr : &*found;
}

void Verifier::propagate(bool replay) {
  session_->set("input", std::span<const double>(dump_.input().value));
  const std::vector<double> labels(dump_.target().begin(), dump_.target().end());
  std::vector<double> seed(labels.size(), 1.0);
  if (dump_.objective() == Objective::cross_entropy) {
    session_->set("target", std::span<const double>(labels));
  } else {
    const auto classes = static_cast<std::size_t>(dump_.class_count());
    seed.assign(labels.size() * classes, 0.0);
    for (std::size_t n = 0; n < labels.size(); ++n)
      seed[n * classes + static_cast<std::size_t>(dump_.target()[n])] = 1;
  }
  session_->forward(replay);
  session_->backward(std::span<const double>(seed));
}

void Verifier::compare_all(Slot slot) {
  for (ValueId id = 0; id < static_cast<ValueId>(graph().values().size()); ++id) {
    if (theirs_->has(Part::activations, id))
      row(Part::activations, id)->forward.*slot = relative_distance(
          session_->value<double>(name(Part::activations, id)), theirs_->read(Part::activations, id));
    if (theirs_->has(Part::gradients, id) && session_->required_differentiation().reaches(graph(), id))
      row(Part::gradients, id)->backward.*slot = relative_distance(
          session_->gradient<double>(name(Part::gradients, id)), theirs_->read(Part::gradients, id));
  }
  for (VerifiedValue& row : result_.values)
    if (row.is_parameter()) compare_parameter(row, slot);
}

void Verifier::compare_parameter(VerifiedValue& row, Slot slot) {
  row.backward.*slot = relative_distance(session_->parameter_gradient<double>(row.name),
                                         dump_.read(Part::parameter_gradients, row.name));
}

void Verifier::run_free() {
  propagate(false);
  compare_all(&Distances::end_to_end);
  for (NodeId id = 0; id < static_cast<NodeId>(graph().nodes().size()); ++id) {
    const auto saved = session_->saved(id);
    free_decisions_.emplace_back(saved.begin(), saved.end());
  }
}

bool Verifier::inputs_clean(const Node& node) const {
  return std::ranges::all_of(node.inputs, [&](ValueId input) { return clean_[at(input)]; });
}

bool Verifier::readers_clean(ValueId id) const {
  return std::ranges::all_of(session_->required_differentiation().steps, [&](const BackwardStep& step) {
    const Node& node = graph().node(step.node);
    const bool reads = std::ranges::find(node.inputs, id) != node.inputs.end();
    return !reads || (clean_gradient_[at(node.output)] && inputs_clean(node));
  });
}

bool Verifier::parameter_clean(const std::string& name) const {
  for (const Node& node : graph().nodes())
    for (const ParameterId id : node.parameters)
      if (graph().parameter(id).name == name) return clean_gradient_[at(node.output)] && inputs_clean(node);
  return false;
}

void Verifier::watch_value(ValueId id) {
  const NodeId producer = graph().value(id).producer;
  const Node& node = graph().node(producer);
  const bool judged = inputs_clean(node), known = theirs_->has(Part::activations, id);
  const DumpTensor theirs = known ? theirs_->read(Part::activations, id) : DumpTensor{};
  const bool replaced = known && theirs.whole();
  // A ReLU that is a node decides by what the dump says comes before it; one within a node by what it made.
  if (decides(node)) result_.held = result_.held && (node.op->ends_in_relu() ? replaced : judged);
  clean_[at(id)] = known ? replaced : judged;
  if (!known) return;
  if (judged)
    row(Part::activations, id)->forward.local =
        relative_distance(session_->value<double>(name(Part::activations, id)), theirs);
  if (!replaced) return;
  session_->overwrite_value(id, std::span<const double>(theirs.value));
  if (node.op->ends_in_relu())
    session_->overwrite_saved(producer, signs_of(graph().value(id).shape, theirs.value));
}

void Verifier::watch_gradient(ValueId id) {
  const bool judged = readers_clean(id);
  clean_gradient_[at(id)] = judged;
  if (!theirs_->has(Part::gradients, id)) return;
  const DumpTensor theirs = theirs_->read(Part::gradients, id);
  if (judged)
    row(Part::gradients, id)->backward.local =
        relative_distance(session_->gradient<double>(name(Part::gradients, id)), theirs);
  if (theirs.whole()) session_->overwrite_gradient(id, std::span<const double>(theirs.value));
  clean_gradient_[at(id)] = theirs.whole();
}

void Verifier::run_local() {
  clean_.assign(graph().values().size(), true);
  clean_gradient_ = clean_;
  result_.held = true;
  session_->watch({[&](ValueId id) { watch_value(id); }, [&](ValueId id) { watch_gradient(id); }});
  propagate(false);
  session_->watch({});
  for (VerifiedValue& row : result_.values)
    if (row.is_parameter() && parameter_clean(row.name)) compare_parameter(row, &Distances::local);
}

void Verifier::count_kinks() {
  for (NodeId id = 0; id < static_cast<NodeId>(graph().nodes().size()); ++id) {
    const Node& node = graph().node(id);
    if (!decides(node)) continue;
    const std::int64_t kinks = differing(node.op->decisions(), free_decisions_[at(id)], session_->saved(id));
    if (kinks && !result_.kinks) result_.first_kink = node.name;
    result_.kinks += kinks;
    result_.decisions += graph().value(node.output).shape.elements();
    if (VerifiedValue* row = this->row(Part::activations, node.output)) row->kinks = kinks;
  }
}

void Verifier::run_held() {
  propagate(true);
  compare_all(&Distances::held);
}

}  // namespace backlight
