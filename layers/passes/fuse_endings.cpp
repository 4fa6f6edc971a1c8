#include "layers/passes/fuse_endings.h"

#include <map>
#include <optional>
#include <set>

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

namespace {

/// A layer and what becomes one with it.
struct Chain {
  const Node* layer;
  std::shared_ptr<const Op> op;
  std::vector<ValueId> inputs, absorbed;
};

/// The chain that starts at a layer, and the value that it makes; null where nothing follows that fuses.
/// `taken` are the joins that have become part of another layer.
std::optional<std::pair<ValueId, Chain>> chain_from(const Graph& graph, const Node& layer,
                                                    const std::set<ValueId>& taken) {
  Ending ending;
  Chain chain{&layer, nullptr, layer.inputs, {}};
  ValueId output = layer.output;
  const auto absorb = [&](const Node& following) {
    chain.absorbed.push_back(output);
    output = following.output;
  };
  const Node* next = only_reader(graph, output);
  if (as<AddOp>(next) && !taken.count(next->output)) {
    chain.inputs.push_back(next->inputs[next->inputs[0] == output]);
    ending.residual = true;
    absorb(*next);
    next = only_reader(graph, output);
  }
  if (as<Relu>(next)) {
    ending.relu = true;
    absorb(*next);
  }
  if (chain.absorbed.empty()) return std::nullopt;
  chain.op = with_ending(*layer.op, ending);
  if (!chain.op) return std::nullopt;
  return std::pair(output, chain);
}

}  // namespace

Graph fuse_endings(const Graph& graph) {
  std::map<ValueId, Chain> chains;  // by what they make
  std::set<ValueId> taken;
  for (const Node& node : graph.nodes())
    if (auto found = chain_from(graph, node, taken)) {
      taken.insert(found->second.absorbed.begin(), found->second.absorbed.end());
      taken.insert(found->first);
      chains.insert(std::move(*found));
    }
  // A chain stands where its last node stood: what it adds has been made there.
  Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    const auto chain = chains.find(node.output);
    if (chain != chains.end())
      rewriter.replace(*chain->second.layer, chain->second.op, chain->second.inputs, node.output,
                       chain->second.absorbed);
    else if (!taken.count(node.output))
      rewriter.copy(node);
  }
  return rewriter.result();
}

}  // namespace backlight
