#include "apps/evaluation/randomisation.h"

#include <algorithm>
#include <utility>

#include "apps/evaluation/rank_correlation.h"
#include "layers/initialize.h"

namespace backlight {
namespace {

using Maps = std::vector<std::vector<float>>;

std::vector<double> similarities(const Maps& originals, const Maps& maps) {
  std::vector<double> result;
  for (std::size_t i = 0; i < maps.size(); ++i)
    result.push_back(rank_correlation(std::vector<double>(originals[i].begin(), originals[i].end()),
                                      std::vector<double>(maps[i].begin(), maps[i].end())));
  return result;
}

}  // namespace

std::vector<WeightedLayer> layers_from_the_top(const Graph& graph) {
  std::vector<WeightedLayer> layers;
  std::vector<std::string> waiting;  // a normalisation's, for the layer before it
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node) {
    bool has_weights = false;
    for (const ParameterId id : node->parameters) {
      const Parameter& parameter = graph.parameter(id);
      if (parameter.role == ParameterSpec::Role::constant) continue;
      waiting.push_back(parameter.name);
      has_weights |= parameter.shape.rank() > 1;
    }
    if (has_weights) layers.push_back({node->name, std::exchange(waiting, {})});
  }
  return layers;
}

RandomisationCheck randomisation_check(const WeightFile& weights, const RunOptions& options,
                                       std::span<const Method> methods, const MapRequest& request) {
  const Graph graph = weights.network();
  const auto parameters =
      std::make_shared<Parameters>(weights.parameters(graph, options.precision, options.device));
  const Parameters fresh = initialize(graph, request.seed, options.precision);

  RandomisationCheck check{{}, request.targets.size(), {}};
  std::vector<SimilarityCurve>& curves = check.curves;
  std::vector<Maps> originals;
  const auto compare = [&] {
    const Model model(weights.info(), graph, parameters, options);
    for (std::size_t m = 0; m < curves.size(); ++m) {
      const Maps maps = curves[m].method.maps({model, request.images, request.targets, request.seed});
      if (originals.size() == m) originals.push_back(maps);
      curves[m].steps.push_back(bootstrap(similarities(originals[m], maps), request.seed));
    }
  };
  for (const Method& method : methods)
    if (!method.baseline) curves.push_back({method, {}});
  compare();
  for (const WeightedLayer& layer : layers_from_the_top(graph)) {
    check.layers.push_back(layer.name);
    for (const std::string& name : layer.parameters) {
      parameters->at(name).assign(std::span<const double>(fresh.values(name)));
      parameters->changed(name);
    }
    compare();
  }
  return check;
}

}  // namespace backlight
