#include "engine/plan.h"

#include <algorithm>
#include <numeric>

namespace backlight {
namespace {

constexpr std::size_t alignment = 64;

class Planner {
 public:
  Planner(const Graph& graph, const Differentiation* differentiation, const PlanOptions& options)
      : graph_(graph), differentiation_(differentiation), options_(options) {
    plan_.activations.assign(graph.values().size(), Plan::none);
    plan_.gradients.assign(graph.values().size(), Plan::none);
    plan_.saved.assign(graph.nodes().size(), Plan::none);
    plan_.parameter_gradients.assign(graph.parameters().size(), Plan::none);
    forward_steps_ = static_cast<int>(graph.nodes().size());
    end_ = forward_steps_ + (differentiation ? static_cast<int>(differentiation->steps.size()) : 0);
  }

  Plan make() {
    find_last_uses();
    plan_activations();
    if (differentiation_) place_gradients();
    if (options_.keep_all)
      for (Block& block : plan_.blocks) block.first = 0, block.last = end_;
    place();
    return std::move(plan_);
  }

 private:
  static std::size_t at(int id) { return static_cast<std::size_t>(id); }
  const std::vector<BackwardStep>& backward() const { return differentiation_->steps; }
  std::size_t bytes_of(ValueId id) const {
    return static_cast<std::size_t>(graph_.value(id).shape.elements()) * element_bytes(options_.precision);
  }
  bool kept(ValueId id) const {
    return options_.keep_all ||
           std::find(options_.keep.begin(), options_.keep.end(), id) != options_.keep.end();
  }
  /// One block, for a tensor of this kind.
  int new_block(std::size_t bytes, int first, int last, std::size_t& kind) {
    kind += bytes;
    plan_.blocks.push_back({bytes, first, last, 0});
    return static_cast<int>(plan_.blocks.size()) - 1;
  }

  /// The last step that reads each activation.
  void find_last_uses() {
    last_use_.assign(graph_.values().size(), 0);
    for (NodeId id = 0; id < forward_steps_; ++id) {
      const Node& node = graph_.node(id);
      for (const ValueId input : node.inputs) last_use_[at(input)] = id;
      last_use_[at(node.output)] = id;
    }
    for (ValueId id = 0; id < static_cast<ValueId>(graph_.values().size()); ++id)
      if (kept(id) || id == graph_.output()) last_use_[at(id)] = end_;
    if (!differentiation_) return;
    for (std::size_t b = 0; b < backward().size(); ++b) {
      const Node& node = graph_.node(backward()[b].node);
      const BackwardReads reads = node.op->backward_reads(backward()[b].parameters);
      const int step = forward_steps_ + static_cast<int>(b);
      if (reads.inputs)
        for (const ValueId input : node.inputs) last_use_[at(input)] = std::max(last_use_[at(input)], step);
      if (reads.output) last_use_[at(node.output)] = std::max(last_use_[at(node.output)], step);
    }
  }

  /// The input that a node writes its output over: one that nobody reads any more, and that it does not read
  /// in another place too. −1: none.
  ValueId overwritten(NodeId id) const {
    const Node& node = graph_.node(id);
    const int index = node.op->overwrites(graph_.input_shapes(node));
    if (index < 0) return -1;
    const ValueId input = node.inputs[at(index)];
    const bool free = last_use_[at(input)] == id && graph_.value(input).producer >= 0 &&
                      bytes_of(input) == bytes_of(node.output) &&
                      std::count(node.inputs.begin(), node.inputs.end(), input) == 1;
    return free ? input : -1;
  }

  void plan_activations() {
    for (ValueId id = 0; id < static_cast<ValueId>(graph_.values().size()); ++id)
      if (graph_.value(id).producer < 0)
        plan_.activations[at(id)] = new_block(bytes_of(id), 0, end_, plan_.unplanned.activations);
    for (NodeId id = 0; id < forward_steps_; ++id) {
      const Node& node = graph_.node(id);
      int& output = plan_.activations[at(node.output)];
      if (const ValueId over = overwritten(id); over >= 0) {
        output = plan_.activations[at(over)];
        plan_.unplanned.activations += bytes_of(node.output);
        plan_.blocks[at(output)].last = last_use_[at(node.output)];
      } else {
        output =
            new_block(bytes_of(node.output), id, last_use_[at(node.output)], plan_.unplanned.activations);
      }
    }
    std::vector<int> backward_step(graph_.nodes().size(), Plan::none);
    for (std::size_t b = 0; differentiation_ && b < backward().size(); ++b)
      backward_step[at(backward()[b].node)] = forward_steps_ + static_cast<int>(b);
    for (NodeId id = 0; id < forward_steps_; ++id) {
      const Op& op = *graph_.node(id).op;
      const bool read_later = backward_step[at(id)] != Plan::none;
      if (!read_later && !op.forward_needs_saved() && !options_.keep_all) continue;
      const std::size_t bytes = op.saved_bytes(graph_.input_shapes(graph_.node(id)), options_.precision);
      if (bytes)
        plan_.saved[at(id)] =
            new_block(bytes, id, read_later ? backward_step[at(id)] : id, plan_.unplanned.saved);
    }
  }

  void place_gradients() {
    const GradientPlan gradients = plan_gradients(graph_, *differentiation_, options_.keep_all);
    std::vector<int> blocks;
    for (const GradientPlan::Storage& storage : gradients.storages) {
      const std::size_t bytes = bytes_of(storage.first_of);
      blocks.push_back(new_block(bytes, forward_steps_ + storage.first, forward_steps_ + storage.last,
                                 plan_.unplanned.gradients));
      plan_.unplanned.gradients += bytes * static_cast<std::size_t>(storage.values - 1);
    }
    for (std::size_t id = 0; id < gradients.of_value.size(); ++id)
      if (gradients.of_value[id] != GradientPlan::none)
        plan_.gradients[id] = blocks[at(gradients.of_value[id])];
    plan_.steps = gradients.steps;
    for (std::size_t b = 0; b < backward().size(); ++b) {
      if (!backward()[b].parameters) continue;
      for (const ParameterId id : graph_.node(backward()[b].node).parameters)
        if (graph_.parameter(id).role == ParameterSpec::Role::trainable)
          plan_.parameter_gradients[at(id)] =
              new_block(static_cast<std::size_t>(graph_.parameter(id).shape.elements()) *
                            element_bytes(options_.precision),
                        forward_steps_ + static_cast<int>(b), end_, plan_.unplanned.gradients);
    }
  }

  /// Largest first, each at the lowest place where nothing lies that is alive at the same time.
  void place() {
    std::vector<int> order(plan_.blocks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return plan_.blocks[at(a)].bytes > plan_.blocks[at(b)].bytes; });
    std::vector<const Block*> placed;  // by offset
    for (const int id : order) {
      Block& block = plan_.blocks[at(id)];
      const std::size_t size = (block.bytes + alignment - 1) / alignment * alignment;
      block.offset = 0;
      for (const Block* other : placed) {
        if (other->last < block.first || block.last < other->first) continue;
        if (block.offset + size <= other->offset) break;
        block.offset =
            std::max(block.offset, (other->offset + other->bytes + alignment - 1) / alignment * alignment);
      }
      placed.insert(std::upper_bound(placed.begin(), placed.end(), &block,
                                     [](const Block* a, const Block* b) { return a->offset < b->offset; }),
                    &block);
      plan_.arena_bytes = std::max(plan_.arena_bytes, block.offset + size);
    }
  }

  const Graph& graph_;
  const Differentiation* differentiation_;
  const PlanOptions& options_;
  Plan plan_;
  int forward_steps_ = 0, end_ = 0;
  std::vector<int> last_use_;
};

}  // namespace

Plan make_plan(const Graph& graph, const Differentiation* differentiation, const PlanOptions& options) {
  return Planner(graph, differentiation, options).make();
}

}  // namespace backlight
