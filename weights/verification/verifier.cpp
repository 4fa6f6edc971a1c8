#include "weights/verification/verifier.h"

#include <algorithm>
#include <bit>

#include "weights/verification/local_run.h"

namespace backlight {
namespace {

std::int64_t differing(Decisions decisions, std::span<const std::uint8_t> a,
                       std::span<const std::uint8_t> b) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    count += decisions == Decisions::signs ? std::popcount(static_cast<unsigned>(a[i] ^ b[i])) : a[i] != b[i];
  return count;
}

}  // namespace

Verification Verifier::run() {
  const bool exact =
      run_.session().precision() == Precision::float64 && dump_.precision() == Precision::float64;
  result_.local_bar = exact ? 1e-10 : 1e-5;
  result_.end_bar = exact ? 1e-10 : 1e-4;
  result_.values = run_.theirs().rows();
  result_.unknown = run_.theirs().unknown();
  result_.fused = static_cast<int>(std::ranges::count_if(
      result_.values, [](const VerifiedValue& value) { return !value.fused_into.empty(); }));
  count_compared();
  run_free();
  run_local();
  count_kinks();
  if (result_.held) run_held();
  return std::move(result_);
}

void Verifier::count_compared() {
  const DumpedValues& theirs = run_.theirs();
  Compared& compared = result_.compared;
  compared.nodes = static_cast<int>(nodes_);
  for (NodeId id = 0; id < compared.nodes; ++id) {
    const ValueId made = run_.graph().node(id).output;
    compared.values += theirs.has_node(Part::activations, made);
    compared.gradients += theirs.has_node(Part::gradients, made);
  }
  compared.input_gradient = theirs.has(Part::gradients, run_.graph().at("input"));
}

void Verifier::compare_all(Slot slot) {
  const DumpedValues& theirs = run_.theirs();
  Session& session = run_.session();
  for (ValueId id = 0; id < static_cast<ValueId>(run_.graph().values().size()); ++id) {
    if (theirs.has(Part::activations, id))
      row(Part::activations, id)->forward.*slot = relative_distance(
          session.value<double>(theirs.name(Part::activations, id)), theirs.read(Part::activations, id));
    if (theirs.has(Part::gradients, id) && session.required_differentiation().reaches(run_.graph(), id))
      row(Part::gradients, id)->backward.*slot = relative_distance(
          session.gradient<double>(theirs.name(Part::gradients, id)), theirs.read(Part::gradients, id));
  }
  for (VerifiedValue& row : result_.values)
    if (row.is_parameter()) compare_parameter(row, slot);
}

void Verifier::compare_parameter(VerifiedValue& row, Slot slot) {
  if (!row.misfit.empty()) return;
  row.backward.*slot = relative_distance(run_.session().parameter_gradient<double>(row.name),
                                         dump_.read(Part::parameter_gradients, row.name));
}

void Verifier::run_free() {
  run_.set_inputs();
  run_.forward();
  run_.backward();
  compare_all(&Distances::end_to_end);
  for (NodeId id = 0; id < static_cast<NodeId>(run_.graph().nodes().size()); ++id) {
    const auto saved = run_.session().saved(id);
    free_decisions_.emplace_back(saved.begin(), saved.end());
  }
}

void Verifier::run_local() {
  LocalRun local(run_);
  local.run(
      [&](Part part, ValueId id, const std::vector<double>& ours, const DumpTensor& theirs, bool direct) {
        VerifiedValue& row = *this->row(part, id);
        Distances& distances = part == Part::activations ? row.forward : row.backward;
        distances.local = relative_distance(ours, theirs);
        distances.of_several = !direct;
      });
  result_.held = local.held();
  for (VerifiedValue& row : result_.values)
    if (row.is_parameter() && local.is_clean(row.name)) compare_parameter(row, &Distances::local);
}

void Verifier::count_kinks() {
  for (NodeId id = 0; id < static_cast<NodeId>(run_.graph().nodes().size()); ++id) {
    const Node& node = run_.graph().node(id);
    const Decisions decisions = node.op->decisions();
    if (decisions == Decisions::none) continue;
    const std::int64_t kinks =
        differing(decisions, free_decisions_[static_cast<std::size_t>(id)], run_.session().saved(id));
    if (kinks && !result_.kinks) result_.first_kink = node.name;
    result_.kinks += kinks;
    result_.decisions += run_.graph().value(node.output).shape.elements();
    if (VerifiedValue* row = this->row(Part::activations, node.output)) row->kinks = kinks;
  }
}

void Verifier::run_held() {
  run_.set_inputs();
  run_.forward(/*replay=*/true);
  run_.backward();
  compare_all(&Distances::held);
}

}  // namespace backlight
