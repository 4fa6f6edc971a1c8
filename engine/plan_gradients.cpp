#include "engine/plan_gradients.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace backlight {
namespace {

/// An input of a backward step that takes the incoming gradient for its own.
using Alias = std::pair<int, int>;  // step, input

class GradientPlanner {
 public:
  GradientPlanner(const Graph& graph, const Differentiation& differentiation, bool keep_all,
                  const std::set<Alias>& copies)
      : graph_(graph),
        d_(differentiation),
        keep_all_(keep_all),
        copies_(copies),
        end_(static_cast<int>(d_.steps.size())) {
    const std::size_t values = graph.values().size();
    plan_.of_value.assign(values, GradientPlan::none);
    last_read_.assign(values, GradientPlan::none);
    to_come_.assign(values, 0);
    alias_.assign(values, std::nullopt);
    for (int step = 0; step < end_; ++step) {
      const Node& made_by = node(step);
      last_read_[at(made_by.output)] = step;
      for (std::size_t i = 0; i < made_by.inputs.size(); ++i)
        to_come_[at(made_by.inputs[i])] += d_.steps[at(step)].inputs[i];
    }
    for (ValueId id = 0; id < static_cast<ValueId>(values); ++id)
      if (wanted(id)) last_read_[at(id)] = end_;
  }

  /// Null where it has worked; else the alias that must be a copy.
  std::optional<Alias> run() {
    store(d_.target, 0);
    for (int step = 0; step < end_; ++step)
      if (const auto conflict = plan_step(step)) return conflict;
    return std::nullopt;
  }
  GradientPlan result() { return std::move(plan_); }

 private:
  static std::size_t at(int id) { return static_cast<std::size_t>(id); }
  const Node& node(int step) const { return graph_.node(d_.steps[at(step)].node); }
  bool wanted(ValueId id) const {
    return keep_all_ || std::find(d_.wanted.begin(), d_.wanted.end(), id) != d_.wanted.end();
  }
  GradientPlan::Storage& storage(ValueId id) { return plan_.storages[at(plan_.of_value[at(id)])]; }

  void store(ValueId id, int step) {
    plan_.of_value[at(id)] = static_cast<int>(plan_.storages.size());
    plan_.storages.push_back({id, step, std::max(step, last_read_[at(id)]), 1});
  }
  void share(ValueId id, ValueId with) {
    plan_.of_value[at(id)] = plan_.of_value[at(with)];
    ++storage(id).values;
    storage(id).last = std::max(storage(id).last, last_read_[at(id)]);
  }

  /// Another value whose gradient is in the same memory and is read at `step` or later, if there is one.
  std::optional<ValueId> reader(ValueId of, int step) const {
    if (plan_.storages[at(plan_.of_value[at(of)])].values == 1) return std::nullopt;
    for (ValueId id = 0; id < static_cast<ValueId>(plan_.of_value.size()); ++id)
      if (id != of && plan_.of_value[at(id)] == plan_.of_value[at(of)] && last_read_[at(id)] >= step)
        return id;
    return std::nullopt;
  }
  /// The alias to undo so that the gradient of `id` can be changed at `step`; null: it can.
  std::optional<Alias> conflict(ValueId id, int step) const {
    const std::optional<ValueId> other = reader(id, step);
    if (!other) return std::nullopt;
    return std::max(alias_[at(id)], alias_[at(*other)]);  // the later one; a null is the least
  }

  std::optional<Alias> plan_step(int step) {
    const Node& here = node(step);
    const std::vector<Shape> shapes = graph_.input_shapes(here);
    const ValueId output = here.output;
    const bool parameters = d_.steps[at(step)].parameters;
    GradientStep planned;
    if (here.op->ends_in_relu() && !gated_.count(output)) {
      planned.gates_incoming = true;
      if (const auto alias = conflict(output, step)) return alias;
    }
    for (std::size_t i = 0; i < here.inputs.size(); ++i) {
      const ValueId input = here.inputs[i];
      const bool first = plan_.of_value[at(input)] == GradientPlan::none;
      planned.writes.push_back(first ? Write::set : Write::add);
      planned.gates.push_back(false);
      if (!d_.steps[at(step)].inputs[i]) continue;
      const int index = static_cast<int>(i);
      if (!first) {
        if (const auto alias = conflict(input, step)) return alias;
      } else if (!keep_all_ && here.op->passes_gradient(index, shapes) && !copies_.count({step, index})) {
        share(input, output);
        alias_[at(input)] = Alias{step, index};
      } else if (!keep_all_ && here.op->backward_in_place() && here.inputs.size() == 1 && !parameters &&
                 !wanted(output) && !reader(output, step)) {
        share(input, output);
      } else {
        store(input, step);
      }
      if (--to_come_[at(input)] == 0 && here.op->gates_gradient(index) && ends_in_gated_step(input)) {
        planned.gates.back() = true;
        gated_.insert(input);
      }
    }
    plan_.steps.push_back(std::move(planned));
    return std::nullopt;
  }

  /// Whether the node that makes this value ends in a ReLU and sends a gradient further back.
  bool ends_in_gated_step(ValueId id) const {
    const NodeId producer = graph_.value(id).producer;
    return producer >= 0 && graph_.node(producer).op->ends_in_relu() &&
           std::any_of(d_.steps.begin(), d_.steps.end(),
                       [&](const BackwardStep& step) { return step.node == producer; });
  }

  const Graph& graph_;
  const Differentiation& d_;
  bool keep_all_;
  const std::set<Alias>& copies_;
  int end_;
  GradientPlan plan_;
  std::vector<int> last_read_;  // by value: the step that sends its gradient on; `end_` where it is wanted
  std::vector<int> to_come_;    // by value: contributions to its gradient that are still to come
  std::vector<std::optional<Alias>> alias_;  // by value: where it became another's
  std::set<ValueId> gated_;                  // values whose gradient has passed their ReLU
};

}  // namespace

GradientPlan plan_gradients(const Graph& graph, const Differentiation& differentiation, bool keep_all) {
  std::set<Alias> copies;
  for (;;) {
    GradientPlanner planner(graph, differentiation, keep_all, copies);
    const std::optional<Alias> conflict = planner.run();
    if (!conflict) return planner.result();
    copies.insert(*conflict);
  }
}

}  // namespace backlight
