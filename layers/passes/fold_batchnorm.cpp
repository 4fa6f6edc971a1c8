#include "layers/passes/fold_batchnorm.h"

#include <algorithm>

#include "engine/elements.h"
#include "kernels/ref/channel.h"
#include "layers/batchnorm.h"
#include "layers/conv.h"
#include "layers/passes/rewriter.h"

namespace backlight {
namespace {

/// The batchnorm that can be folded into this convolution; null where there is none.
const Node* foldable(const Graph& graph, const Node& conv) {
  const auto* plain = dynamic_cast<const Conv*>(conv.op.get());
  if (!plain || plain->ending().residual || plain->ending().relu) return nullptr;
  const Node* only = only_reader(graph, conv.output);
  const auto* op = only ? dynamic_cast<const BatchNorm*>(only->op.get()) : nullptr;
  return op && op->mode() == BatchNorm::Mode::inference ? only : nullptr;
}

/// Scales what belongs to each output channel.
template <class T>
void scale_channels(std::span<T> weight, const std::vector<double>& scale) {
  const std::size_t each = weight.size() / scale.size();
  for (std::size_t i = 0; i < weight.size(); ++i)
    weight[i] = static_cast<T>(static_cast<double>(weight[i]) * scale[i / each]);
}

void fold(const Graph& graph, const std::shared_ptr<const Parameters>& from, const Node& conv,
          const Node& norm, Parameters& to) {
  const auto name = [&](const Node& node, std::size_t index) -> const std::string& {
    return graph.parameter(node.parameters[index]).name;
  };
  const std::vector<double> gamma = from->values(name(norm, 0)), beta = from->values(name(norm, 1)),
                            mean = from->values(name(norm, 2)), variance = from->values(name(norm, 3));
  const std::size_t channels = gamma.size();
  std::vector<double> scale(channels), shift(channels);
  ref::norm_scale<double>({1, static_cast<std::int64_t>(channels)}, gamma.data(), beta.data(), mean.data(),
                          variance.data(), static_cast<const BatchNorm&>(*norm.op).epsilon(), scale.data(),
                          shift.data(), nullptr, {});
  if (conv.parameters.size() > 1) {
    const std::vector<double> bias = from->values(name(conv, 1));
    for (std::size_t o = 0; o < channels; ++o) shift[o] += bias[o] * scale[o];
  }
  to.add(conv.name + ".bias", {static_cast<std::int64_t>(channels)}).assign(std::span<const double>(shift));
  take_over(graph.parameter(conv.parameters[0]), from, to, [scale](const Tensor& weight) {
    with_elements(weight, [&](auto elements) { scale_channels(elements, scale); });
  });
}

}  // namespace

FoldedNetwork fold_batchnorm(const Graph& graph, const std::shared_ptr<const Parameters>& given) {
  const auto& nodes = graph.nodes();
  if (std::none_of(nodes.begin(), nodes.end(), [&](const Node& node) { return foldable(graph, node); }))
    return {graph, given, 0};
  auto folded = std::make_shared<Parameters>(given->precision(), given->device());
  int count = 0;
  Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    if (rewriter.done(node.output)) continue;  // a batchnorm that was folded already
    if (const Node* norm = foldable(graph, node)) {
      fold(graph, given, node, *norm, *folded);
      ConvOptions options = static_cast<const Conv&>(*node.op).options();
      options.bias = true;
      rewriter.replace(node, std::make_shared<Conv>(options), node.inputs, norm->output, {node.output});
      ++count;
      continue;
    }
    rewriter.copy(node);
    for (const ParameterId id : node.parameters) take_over(graph.parameter(id), given, *folded);
  }
  return {rewriter.result(), std::move(folded), count};
}

}  // namespace backlight
