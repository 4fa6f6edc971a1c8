#pragma once

#include "apps/model.h"
#include "apps/runner.h"
#include "tests/apps/command_runner.h"

namespace backlight::test {

/// Replaces a desk's W.h5 by weights of a network that behaves like a trained one: batchnorm's β is not 0, so
/// that there is a gradient at the mean image; and the photograph is taken for a cat (3), but by `margin`
/// only, all other logits being 0.
inline void tune_weights(const Desk& desk, float margin = 1) {
  const fs::path path = desk.path("W.h5");
  const ModelInfo info = WeightFile(path).info();
  const Graph graph = build_network(info.architecture, {.input_size = 32, .classes = 10});
  Parameters parameters = initialize(graph, 1);
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.shape.rank() != 1 || !parameter.name.ends_with(".bias")) continue;
    std::vector<float> bias(static_cast<std::size_t>(parameter.shape.elements()));
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<float>(i * 7 % 11) / 50 - 0.1f;
    parameters.at(parameter.name).assign(std::span<const float>(bias));
  }
  const Tensor linear = parameters.at("linear.bias");
  linear.assign(std::span<const float>(std::vector<float>(10)));
  write_weights(path, info, graph, parameters);
  const Model model(path, {});
  std::vector<float> bias =
      Runner(model, 1).run(to_chw(model.prepare(load_image(desk.path("photo.png"))))).logits;
  for (float& b : bias) b = -b;
  bias[3] += margin;
  linear.assign(std::span<const float>(bias));
  write_weights(path, info, graph, parameters);
}

}  // namespace backlight::test
