#include "layers/passes/fuse_endings.h"

#include "layers/add.h"
#include "layers/conv.h"
#include "layers/linear.h"
#include "layers/passes/rewriter.h"
#include "layers/relu.h"

namespace backlight {
namespace {

template <class Kind>
const Kind* as(const Node* node) {
  return node ? dynamic_cast<const Kind*>(node->op.get()) : nullptr;
}

/// The same layer with this ending; null where it is none that can have one, or has one.
std::shared_ptr<const Op> with_ending(const Op& op, const Ending& ending) {
  const auto* plain = dynamic_cast<const OpWithEnding*>(&op);
  if (!plain || plain->ending().residual || plain->ending().relu) return nullptr;
  if (const auto* conv = dynamic_cast<const Conv*>(&op))
    return std::make_shared<Conv>(conv->options(), ending);
  return std::make_shared<Linear>(dynamic_cast<const Linear&>(op), ending);
}

}  // namespace

Graph fuse_endings(const Graph& graph) {
  Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    if (rewriter.done(node.output)) continue;  // part of a node before it
    Ending ending;
    std::vector<ValueId> inputs = node.inputs;
    std::vector<ValueId> absorbed;
    ValueId output = node.output;
    const auto absorb = [&](const Node& following) {
      absorbed.push_back(output);
      output = following.output;
    };
    const Node* next = only_reader(graph, output);
    if (as<AddOp>(next)) {
      const ValueId other = next->inputs[next->inputs[0] == output];
      const bool is_there = graph.value(other).producer < graph.value(output).producer;
      if (is_there) {
        ending.residual = true;
        inputs.push_back(other);
        absorb(*next);
        next = only_reader(graph, output);
      }
    }
    if (as<Relu>(next)) {
      ending.relu = true;
      absorb(*next);
    }
    const bool fuses = ending.residual || ending.relu;
    if (const auto op = fuses ? with_ending(*node.op, ending) : nullptr)
      rewriter.replace(node, op, inputs, output, absorbed);
    else
      rewriter.copy(node);
  }
  return rewriter.result();
}

}  // namespace backlight
