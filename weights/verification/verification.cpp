#include "weights/verification/verification.h"

#include <algorithm>
#include <bit>
#include <map>

#include "engine/error.h"
#include "layers/network.h"
#include "layers/softmax.h"

namespace backlight {
namespace {

using Part = ReferenceDump::Part;

std::int64_t differing(std::string_view kind, std::span<const std::uint8_t> a,
                       std::span<const std::uint8_t> b) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    count += kind == "relu" ? std::popcount(static_cast<unsigned>(a[i] ^ b[i])) : a[i] != b[i];
  return count;
}

bool decides(const Node& node) { return node.op->kind() == "relu" || node.op->kind() == "max_pool"; }

/// The dump in the terms of the graph, and the three runs.
class Verifier {
 public:
  Verifier(const ReferenceDump& dump, const Graph& network, std::shared_ptr<const Parameters> parameters,
           SessionOptions options)
      : dump_(dump), logits_(network.output()) {
    const ValueId input = network.at("input");
    if (!(network.value(input).shape == dump.input_shape()))
      throw Error("the dump's input is " + to_string(dump.input_shape()) + ", the network's " +
                  to_string(network.value(input).shape));
    if (network.value(logits_).shape.channels() != dump.class_count())
      throw Error("the dump has " + std::to_string(dump.class_count()) + " classes, the network " +
                  std::to_string(network.value(logits_).shape.channels()));
    options.keep_all = true;
    Graph graph = network;
    ValueId target = logits_;
    if (dump.objective() == Objective::cross_entropy)
      target = graph.add("cross_entropy", std::make_shared<CrossEntropy>(),
                         {logits_, graph.input("target", {dump.input_shape().batch()})});
    auto back = differentiate(graph, target, {graph.at("input")}, dump.rule(),
                              !dump.names(Part::parameter_gradients).empty());
    session_ = std::make_unique<Session>(std::move(graph), std::move(parameters), std::move(back),
                                         std::move(options));
    exact_ = session_->precision() == Precision::float64 && dump.precision() == Precision::float64;
  }

  Verification run() {
    result_.local_bar = exact_ ? 1e-10 : 1e-5;
    result_.end_bar = exact_ ? 1e-10 : 1e-4;
    list_values();
    run_free();
    run_local();
    count_kinks();
    if (result_.held) run_held();
    judge();
    return std::move(result_);
  }

 private:
  using Slot = Distance Distances::*;
  static std::size_t at(int id) { return static_cast<std::size_t>(id); }
  const Graph& graph() const { return session_->graph(); }
  const std::string& name(ValueId id) const { return graph().value(id).name; }

  void list_values() {
    by_value_.assign(graph().values().size(), -1);
    for (ValueId id = 0; id < static_cast<ValueId>(graph().values().size()); ++id) {
      if (!has(Part::activations, id) && !has(Part::gradients, id)) continue;
      by_value_[at(id)] = static_cast<int>(result_.values.size());
      const Value& value = graph().value(id);
      VerifiedValue row{
          value.name, "input", value.shape, whole(Part::gradients, id) || whole(Part::activations, id),
          {},         {},      0,           Verdict::pass};
      if (value.producer >= 0) row.kind = graph().node(value.producer).op->kind();
      result_.values.push_back(std::move(row));
    }
    for (const std::string& parameter : dump_.names(Part::parameter_gradients)) {
      const auto& all = graph().parameters();
      const auto found =
          std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == parameter; });
      if (found == all.end()) {
        result_.unknown.push_back("parameter_gradients/" + parameter);
        continue;
      }
      result_.values.push_back({parameter,
                                "parameter",
                                found->shape,
                                dump_.whole(Part::parameter_gradients, parameter),
                                {},
                                {},
                                0,
                                Verdict::pass});
    }
    for (const Part part : {Part::activations, Part::gradients})
      for (const std::string& node : dump_.names(part))
        if (!graph().find(node))
          result_.unknown.push_back((part == Part::activations ? "activations/" : "gradients/") + node);
  }

  bool is_input(ValueId id) const { return name(id) == "input"; }
  bool has(Part part, ValueId id) const {
    if (part == Part::gradients ? is_input(id) : id == logits_) return true;
    return dump_.contains(part, name(id));
  }
  bool whole(Part part, ValueId id) const {
    return dump_.contains(part, name(id)) ? dump_.whole(part, name(id))
                                          : has(part, id) && read(part, id).whole();
  }
  DumpTensor read(Part part, ValueId id) const {
    DumpTensor tensor = dump_.contains(part, name(id)) ? dump_.read(part, name(id))
                        : part == Part::gradients      ? dump_.input_gradient()
                                                       : dump_.logits();
    if (!(tensor.shape == graph().value(id).shape))
      throw Error("dump: '" + name(id) + "' has the shape " + to_string(tensor.shape) +
                  ", in the network it has " + to_string(graph().value(id).shape));
    return tensor;
  }

  void propagate(bool replay) {
    session_->set("input", std::span<const double>(dump_.input().value));
    const std::vector<double> labels(dump_.target().begin(), dump_.target().end());
    std::vector<double> seed(labels.size(), 1.0);
    if (dump_.objective() == Objective::cross_entropy) {
      session_->set("target", std::span<const double>(labels));
    } else {
      const std::int64_t classes = dump_.class_count();
      seed.assign(labels.size() * static_cast<std::size_t>(classes), 0.0);
      for (std::size_t n = 0; n < labels.size(); ++n)
        seed[n * static_cast<std::size_t>(classes) + static_cast<std::size_t>(dump_.target()[n])] = 1;
    }
    session_->forward(replay);
    session_->backward(std::span<const double>(seed));
  }

  /// Compares everything that the dump holds with what the session holds after a run.
  void compare_all(Slot slot) {
    for (ValueId id = 0; id < static_cast<ValueId>(by_value_.size()); ++id) {
      if (by_value_[at(id)] < 0) continue;
      VerifiedValue& row = result_.values[at(by_value_[at(id)])];
      if (has(Part::activations, id))
        row.forward.*slot = relative_distance(session_->value<double>(name(id)), read(Part::activations, id));
      if (has(Part::gradients, id) && session_->required_differentiation().reaches(graph(), id))
        row.backward.*slot =
            relative_distance(session_->gradient<double>(name(id)), read(Part::gradients, id));
    }
    compare_parameters(slot, [](const std::string&) { return true; });
  }

  template <class Judged>
  void compare_parameters(Slot slot, Judged judged) {
    for (VerifiedValue& row : result_.values)
      if (row.kind == "parameter" && judged(row.name))
        row.backward.*slot = relative_distance(session_->parameter_gradient<double>(row.name),
                                               dump_.read(Part::parameter_gradients, row.name));
  }

  void run_free() {
    propagate(false);
    compare_all(&Distances::end_to_end);
    for (NodeId id = 0; id < static_cast<NodeId>(graph().nodes().size()); ++id) {
      const auto saved = session_->saved(id);
      free_decisions_.emplace_back(saved.begin(), saved.end());
    }
  }

  void run_local() {
    // Clean: computed by nothing but the dump's whole values since the last of them.
    std::vector<bool> clean(graph().values().size(), true), clean_gradient(graph().values().size(), true);
    const auto step = [&](Part part, ValueId id, bool judged, std::vector<bool>& cleanness,
                          Distances VerifiedValue::*row, auto ours, auto overwrite) {
      cleanness[at(id)] = judged;
      if (!has(part, id)) return;
      const DumpTensor theirs = read(part, id);
      if (judged)
        (result_.values[at(by_value_[at(id)])].*row).local = relative_distance(ours(name(id)), theirs);
      if (theirs.whole()) overwrite(id, std::span<const double>(theirs.value));
      cleanness[at(id)] = theirs.whole();
    };
    result_.held = true;
    session_->watch({[&](ValueId id) {
                       const Node& node = graph().node(graph().value(id).producer);
                       bool judged = true;
                       for (const ValueId input : node.inputs) judged = judged && clean[at(input)];
                       if (decides(node)) result_.held = result_.held && judged;
                       step(
                           Part::activations, id, judged, clean, &VerifiedValue::forward,
                           [&](const std::string& n) { return session_->value<double>(n); },
                           [&](ValueId v, std::span<const double> e) { session_->overwrite_value(v, e); });
                     },
                     [&](ValueId id) {
                       bool judged = true;
                       for (const BackwardStep& s : session_->required_differentiation().steps) {
                         const Node& node = graph().node(s.node);
                         for (std::size_t i = 0; i < node.inputs.size(); ++i)
                           if (node.inputs[i] == id)
                             judged = judged && clean_gradient[at(node.output)] && inputs_clean(node, clean);
                       }
                       step(
                           Part::gradients, id, judged, clean_gradient, &VerifiedValue::backward,
                           [&](const std::string& n) { return session_->gradient<double>(n); },
                           [&](ValueId v, std::span<const double> e) { session_->overwrite_gradient(v, e); });
                     }});
    propagate(false);
    session_->watch({});
    compare_parameters(&Distances::local, [&](const std::string& parameter) {
      for (const Node& node : graph().nodes())
        for (const ParameterId id : node.parameters)
          if (graph().parameter(id).name == parameter)
            return static_cast<bool>(clean_gradient[at(node.output)]) && inputs_clean(node, clean);
      return false;
    });
  }

  static bool inputs_clean(const Node& node, const std::vector<bool>& clean) {
    for (const ValueId input : node.inputs)
      if (!clean[at(input)]) return false;
    return true;
  }

  void count_kinks() {
    for (NodeId id = 0; id < static_cast<NodeId>(graph().nodes().size()); ++id) {
      const Node& node = graph().node(id);
      if (!decides(node)) continue;
      const std::int64_t kinks = differing(node.op->kind(), free_decisions_[at(id)], session_->saved(id));
      if (kinks && !result_.kinks) result_.first_kink = node.name;
      result_.kinks += kinks;
      result_.decisions += graph().value(node.output).shape.elements();
      if (by_value_[at(node.output)] >= 0) result_.values[at(by_value_[at(node.output)])].kinks = kinks;
    }
  }

  void run_held() {
    propagate(true);
    compare_all(&Distances::held);
  }

  static bool above(Distance distance, double bar) { return distance && !(*distance <= bar); }
  bool locally_off(const Distances& d) const { return above(d.local, result_.local_bar); }
  /// Off end to end, and no kink explains it.
  bool unexplained(const Distances& d) const {
    return above(d.held, result_.end_bar) ||
           (above(d.end_to_end, result_.end_bar) && !(result_.held && result_.kinks > 0));
  }

  void judge() {
    auto& rows = result_.values;
    for (VerifiedValue& row : rows) {
      if (unexplained(row.forward) || unexplained(row.backward))
        row.verdict = Verdict::follows;
      else if (above(row.forward.end_to_end, result_.end_bar) ||
               above(row.backward.end_to_end, result_.end_bar))
        row.verdict = Verdict::kink;
      if (locally_off(row.forward))
        blame(row, "forward of " + maker(row));
      else if (locally_off(row.backward))
        blame(row, "backward of " + readers(row));
    }
    if (std::any_of(rows.begin(), rows.end(),
                    [](const VerifiedValue& row) { return row.verdict == Verdict::bug; }))
      return;
    // Nothing that can be judged by itself is wrong: then it is the first that is off, or something on the
    // way to it.
    // Wrong gradients of parameters, listed last, follow from wrong gradients of values.
    const auto parameters = std::find_if(rows.begin(), rows.end(),
                                         [](const VerifiedValue& row) { return row.kind == "parameter"; });
    const auto forward = std::find_if(rows.begin(), parameters,
                                      [&](const VerifiedValue& row) { return unexplained(row.forward); });
    const auto unexplained_backward = [&](const VerifiedValue& row) { return unexplained(row.backward); };
    auto backward = std::find_if(std::make_reverse_iterator(parameters), rows.rend(), unexplained_backward);
    if (backward == rows.rend()) backward = std::find_if(rows.rbegin(), rows.rend(), unexplained_backward);
    if (forward != parameters)
      blame(*forward, "forward of " + maker(*forward) + " or a node before it");
    else if (backward != rows.rend())
      blame(*backward, "backward of " + readers(*backward) + " or a node after it");
  }
  static void blame(VerifiedValue& row, const std::string& what) {
    row.verdict = Verdict::bug;
    row.blame = what;
  }

  std::string maker(const VerifiedValue& row) const {
    const auto id = graph().find(row.name);
    return id && graph().value(*id).producer >= 0 ? graph().node(graph().value(*id).producer).name : row.name;
  }
  std::string readers(const VerifiedValue& row) const {
    if (row.kind == "parameter") return row.name.substr(0, row.name.rfind('.'));
    std::string names;
    for (const Node& node : graph().nodes())
      if (std::find(node.inputs.begin(), node.inputs.end(), graph().at(row.name)) != node.inputs.end())
        names += (names.empty() ? "" : " or ") + node.name;
    return names.empty() ? "the objective" : names;
  }

  const ReferenceDump& dump_;
  ValueId logits_;
  std::unique_ptr<Session> session_;
  bool exact_ = false;
  Verification result_;
  std::vector<int> by_value_;                              // row of each value
  std::vector<std::vector<std::uint8_t>> free_decisions_;  // by node
};

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::kink:
      return "kink";
    case Verdict::follows:
      return "follows";
    case Verdict::bug:
      return "bug";
  }
  return {};
}

const VerifiedValue* Verification::first_divergent() const {
  const VerifiedValue *first = nullptr, *kink = nullptr;
  for (const VerifiedValue& value : values) {
    if (value.blame.starts_with("forward")) return &value;
    // The way back begins at the end of the network; parameters, listed last, are nobody's cause.
    if (value.verdict == Verdict::bug && !(first && value.kind == "parameter")) first = &value;
    if (value.verdict == Verdict::kink && !kink) kink = &value;
  }
  return first ? first : kink;
}

Verdict Verification::verdict() const {
  const VerifiedValue* first = first_divergent();
  return first ? first->verdict : Verdict::pass;
}

Verification verify(const ReferenceDump& dump, const Graph& network,
                    std::shared_ptr<const Parameters> parameters, const SessionOptions& options) {
  return Verifier(dump, network, std::move(parameters), options).run();
}

Graph network_of(const ReferenceDump& dump, const ModelInfo& info) {
  if (dump.architecture() != info.architecture)
    throw Error("the dump is of " + dump.architecture() + ", the weights are of " + info.architecture);
  if (dump.class_count() != static_cast<std::int64_t>(info.classes.size()))
    throw Error("the dump has " + std::to_string(dump.class_count()) + " classes, the weights have " +
                std::to_string(info.classes.size()));
  const Shape& input = dump.input_shape();
  if (input.height() != input.width())
    throw Error("the dump's input is " + to_string(input) + ": only square inputs are supported");
  return build_network(info.architecture, {.batch = input.batch(),
                                           .input_size = input.height(),
                                           .classes = dump.class_count(),
                                           .normalization = std::nullopt});
}

}  // namespace backlight
