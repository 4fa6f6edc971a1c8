#include "weights/verification/judgement.h"

#include <algorithm>
#include <iterator>

namespace backlight {
namespace {

constexpr const char *before = " or a node before it", *after = " or a node after it";

bool above(Distance distance, double bar) { return distance && !(*distance <= bar); }

/// The node that makes the value of a row; for an input, itself.
std::string maker(const VerifiedValue& row, const Graph& graph) {
  const auto id = graph.find(row.name);
  return id && graph.value(*id).producer >= 0 ? graph.node(graph.value(*id).producer).name : row.name;
}

/// Those that the gradient of a row comes from: the nodes that read the value. That of a value before a ReLU
/// that is part of a node comes from those that read what the ReLU makes, and from the ReLU.
std::string readers(const VerifiedValue& row, const Graph& graph) {
  if (row.is_parameter()) return row.name.substr(0, row.name.rfind('.'));
  const auto fused = std::ranges::find(graph.nodes(), row.fused_into, &Node::name);
  const ValueId id = fused == graph.nodes().end() ? graph.at(row.name) : fused->output;
  std::string names;
  for (const Node& node : graph.nodes())
    if (std::ranges::find(node.inputs, id) != node.inputs.end())
      names += (names.empty() ? "" : " or ") + node.name;
  if (names.empty()) names = "the objective";
  return row.fused_into.empty() ? names : names + " or the ReLU of " + row.fused_into;
}

/// Off by itself, and no rounding explains it.
bool is_off(const Verification& v, const Distances& d) {
  return above(d.local, std::max(v.bar(d), d.explained));
}

void blame(VerifiedValue& row, const std::string& what) {
  row.verdict = Verdict::bug;
  row.blame = what;
}

/// Off end to end, and no kink explains it.
bool unexplained(const Verification& v, const Distances& d) {
  return above(d.held, v.end_bar) || (above(d.end_to_end, v.end_bar) && !(v.held && v.kinks > 0));
}

/// Where no row can be judged by itself: the first that is off, or something on the way to it. Wrong
/// gradients of parameters, listed last, follow from wrong gradients of values.
void blame_first_that_is_off(Verification& v, const Graph& graph) {
  auto& rows = v.values;
  const auto parameters = std::ranges::find_if(rows, &VerifiedValue::is_parameter);
  const auto forward = std::find_if(rows.begin(), parameters,
                                    [&](const VerifiedValue& row) { return unexplained(v, row.forward); });
  if (forward != parameters) return blame(*forward, "forward of " + maker(*forward, graph) + before);
  const auto off = [&](const VerifiedValue& row) { return unexplained(v, row.backward); };
  auto backward = std::find_if(std::make_reverse_iterator(parameters), rows.rend(), off);
  if (backward == rows.rend()) backward = std::find_if(rows.rbegin(), rows.rend(), off);
  if (backward != rows.rend()) blame(*backward, "backward of " + readers(*backward, graph) + after);
}

}  // namespace

void judge(Verification& v, const Graph& graph) {
  for (VerifiedValue& row : v.values) {
    if (unexplained(v, row.forward) || unexplained(v, row.backward))
      row.verdict = Verdict::follows;
    else if (above(row.forward.end_to_end, v.end_bar) || above(row.backward.end_to_end, v.end_bar))
      row.verdict = Verdict::kink;
    if (!row.misfit.empty())
      blame(row, "shape of " + row.name + " (" + row.misfit + ")");
    else if (is_off(v, row.forward))
      blame(row, "forward of " + maker(row, graph) + (row.forward.of_several ? before : ""));
    else if (is_off(v, row.backward))
      blame(row, "backward of " + readers(row, graph) + (row.backward.of_several ? after : ""));
    else if (above(row.forward.local, v.bar(row.forward)) || above(row.backward.local, v.bar(row.backward)))
      row.verdict = v.reduced ? Verdict::reduced_precision : Verdict::kink;
    else if (v.hidden_kinks && row.verdict == Verdict::follows)
      row.verdict = Verdict::kink;
  }
  if (!v.reduced && !v.hidden_kinks &&
      std::ranges::find(v.values, Verdict::bug, &VerifiedValue::verdict) == v.values.end())
    blame_first_that_is_off(v, graph);
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::kink:
      return "kink";
    case Verdict::follows:
      return "follows";
    case Verdict::reduced_precision:
      return "reduced precision";
    case Verdict::bug:
      return "bug";
  }
  return {};
}

const VerifiedValue* Verification::first_divergent() const {
  const VerifiedValue *first = nullptr, *rounded = nullptr, *kink = nullptr;
  for (const VerifiedValue& value : values) {
    if (value.blame.starts_with("forward") || value.blame.starts_with("shape")) return &value;
    // The way back begins at the end of the network; parameters, listed last, are nobody's cause.
    if (value.verdict == Verdict::bug && !(first && value.is_parameter())) first = &value;
    if (value.verdict == Verdict::reduced_precision && !rounded) rounded = &value;
    if (value.verdict == Verdict::kink && !kink) kink = &value;
  }
  return first ? first : rounded ? rounded : kink;
}

Verdict Verification::verdict() const {
  const VerifiedValue* first = first_divergent();
  return first ? first->verdict : Verdict::pass;
}

}  // namespace backlight
