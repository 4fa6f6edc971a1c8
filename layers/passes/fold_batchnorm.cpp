#include "layers/passes/fold_batchnorm.h"

#include <algorithm>

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

std::vector<double> read(const Graph& graph, const Parameters& parameters, const Node& node,
                         std::size_t index) {
  return parameters.at(graph.parameter(node.parameters[index]).name).copy<double>();
}

void fold(const Graph& graph, const Parameters& from, const Node& conv, const Node& norm, Parameters& to) {
  const std::vector<double> gamma = read(graph, from, norm, 0), beta = read(graph, from, norm, 1),
                            mean = read(graph, from, norm, 2), variance = read(graph, from, norm, 3);
  const std::size_t channels = gamma.size();
  std::vector<double> scale(channels), shift(channels);
  ref::norm_scale<double>({1, static_cast<std::int64_t>(channels)}, gamma.data(), beta.data(), mean.data(),
                          variance.data(), static_cast<const BatchNorm&>(*norm.op).epsilon(), scale.data(),
                          shift.data(), nullptr, {});

  std::vector<double> weight = read(graph, from, conv, 0);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= scale[i / (weight.size() / channels)];
  if (conv.parameters.size() > 1) {
    const std::vector<double> bias = read(graph, from, conv, 1);
    for (std::size_t o = 0; o < channels; ++o) shift[o] += bias[o] * scale[o];
  }
  to.add(conv.name + ".weight", graph.parameter(conv.parameters[0]).shape)
      .assign(std::span<const double>(weight));
  to.add(conv.name + ".bias", {static_cast<std::int64_t>(channels)}).assign(std::span<const double>(shift));
}

}  // namespace

FoldedNetwork fold_batchnorm(const Graph& graph, const std::shared_ptr<const Parameters>& given) {
  const auto& nodes = graph.nodes();
  if (std::none_of(nodes.begin(), nodes.end(), [&](const Node& node) { return foldable(graph, node); }))
    return {graph, given, 0};
  const Parameters& parameters = *given;
  auto folded = std::make_shared<Parameters>(parameters.precision(), parameters.device());
  int count = 0;
  Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    if (rewriter.done(node.output)) continue;  // a batchnorm that was folded already
    if (const Node* norm = foldable(graph, node)) {
      fold(graph, parameters, node, *norm, *folded);
      ConvOptions options = static_cast<const Conv&>(*node.op).options();
      options.bias = true;
      rewriter.replace(node, std::make_shared<Conv>(options), node.inputs, norm->output, {node.output});
      ++count;
      continue;
    }
    rewriter.copy(node);
    for (const ParameterId id : node.parameters) {
      const Parameter& parameter = graph.parameter(id);
      if (parameter.role != ParameterSpec::Role::constant)
        folded->add(parameter.name, parameter.shape)
            .assign(std::span<const double>(parameters.at(parameter.name).copy<double>()));
    }
  }
  return {rewriter.result(), std::move(folded), count};
}

}  // namespace backlight
