#include "layers/passes/fold_input_scale.h"

#include <map>

#include "engine/elements.h"
#include "layers/conv.h"
#include "layers/normalize.h"
#include "layers/passes/rewriter.h"

namespace backlight {
namespace {

/// The convolution that can take the scale of this node; null where there is none.
const Node* taker(const Graph& graph, const Node& node) {
  if (!dynamic_cast<const Normalize*>(node.op.get())) return nullptr;
  const Node* only = only_reader(graph, node.output);
  const auto* conv = only ? dynamic_cast<const Conv*>(only->op.get()) : nullptr;
  return conv && conv->options().groups == 1 ? only : nullptr;
}

/// w[o,c,ky,kx] /= 255·std[c].
void scale_inputs(const Tensor& weight, const std::array<double, 3>& std) {
  const auto taps = static_cast<std::size_t>(weight.shape[2] * weight.shape[3]);
  with_elements(weight, [&]<class T>(std::span<T> w) {
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] = static_cast<T>(static_cast<double>(w[i]) / (255 * std[i / taps % 3]));
  });
}

}  // namespace

FoldedNetwork fold_input_scale(const Graph& graph, const std::shared_ptr<const Parameters>& given) {
  auto folded = std::make_shared<Parameters>(given->precision(), given->device());
  std::map<const Node*, std::array<double, 3>> takers;
  Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    if (const Node* conv = taker(graph, node)) {
      const auto& normalize = static_cast<const Normalize&>(*node.op);
      const std::string& name = graph.value(node.output).name;
      takers[conv] = normalize.std();
      rewriter.replace(node, std::make_shared<SubtractMean>(normalize.mean()), node.inputs, node.output,
                       {node.output}, name + ".unscaled");
      continue;
    }
    rewriter.copy(node);
    for (std::size_t i = 0; i < node.parameters.size(); ++i) {
      std::function<void(const Tensor&)> change;
      if (const auto found = takers.find(&node); found != takers.end() && i == 0)
        change = [std = found->second](const Tensor& weight) { scale_inputs(weight, std); };
      take_over(graph.parameter(node.parameters[i]), given, *folded, change);
    }
  }
  if (takers.empty()) return {graph, given};
  return {rewriter.result(), std::move(folded), static_cast<int>(takers.size())};
}

}  // namespace backlight
