#pragma once

// What the tests of engine and layers share: random tensors and weights, small networks, and one run of them.

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/distance.h"
#include "engine/session.h"
#include "layers/blocks.h"
#include "layers/builder.h"

namespace backlight::testing {

/// Uniform in [low, high).
inline std::vector<double> uniform(std::int64_t count, unsigned seed, double low = -1, double high = 1) {
  std::mt19937 random(seed);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = low + (high - low) * static_cast<double>(random()) / 4294967296.0;
  return values;
}

inline std::vector<double> integers(std::int64_t count, unsigned seed, int low = -2, int high = 2) {
  std::mt19937 random(seed);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values)
    value = low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  return values;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Weights that keep the size of what passes (He initialisation's variance), and batchnorms that do
/// something.
inline std::shared_ptr<Parameters> random_parameters(const Graph& graph, Precision precision,
                                                     unsigned seed = 1, Device device = Device::cpu) {
  auto parameters = std::make_shared<Parameters>(precision, device);
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) continue;
    const Shape& shape = parameter.shape;
    const bool matrix = shape.rank() > 1;
    const double bound =
        matrix ? std::sqrt(6.0 * static_cast<double>(shape[0]) / static_cast<double>(shape.elements())) : 0.5;
    double low = -bound, high = bound;
    if (parameter.name.ends_with("running_var") || (!matrix && parameter.name.ends_with("weight")))
      low = 0.5, high = 1.5;
    const std::vector<double> values = uniform(shape.elements(), seed++, low, high);
    parameters->add(parameter.name, shape).assign(std::span<const double>(values));
  }
  return parameters;
}

inline std::shared_ptr<Parameters> integer_parameters(const Graph& graph, Precision precision,
                                                      unsigned seed = 1) {
  auto parameters = std::make_shared<Parameters>(precision);
  for (const Parameter& parameter : graph.parameters()) {
    const std::vector<double> values = integers(parameter.shape.elements(), seed++);
    parameters->add(parameter.name, parameter.shape).assign(std::span<const double>(values));
  }
  return parameters;
}

/// Stem, a block that keeps its shape, a block that projects, classifier. Input "input".
inline Graph small_resnet(bool bottleneck, std::int64_t batch = 2,
                          BatchNorm::Mode mode = BatchNorm::Mode::inference) {
  Graph graph;
  Builder net(graph, mode);
  ValueId x = graph.input("input", {batch, 3, 9, 9});
  x = net.relu("relu", net.batchnorm("bn1", net.conv("conv1", x, ConvOptions::square(8, 3, 1, 1, false))));
  x = net.max_pool("maxpool", x, {.kernel = 3, .stride = 2, .padding = 1});
  for (int block = 0; block < 2; ++block) {
    const std::string name = "layer1." + std::to_string(block);
    x = bottleneck ? bottleneck_block(net, name, x, 2 + block, 1 + block)
                   : basic_block(net, name, x, 8 + 4 * block, 1 + block, Projection::conv);
  }
  net.linear("fc", net.flatten("flatten", net.average_pool("avgpool", x, 1, 1)), 5);
  return graph;
}

/// Convolutions with bias, max pools, and linear layers with dropout between them. Input "input".
inline Graph small_vgg(std::int64_t batch = 2) {
  Graph graph;
  Builder net(graph);
  ValueId x = graph.input("input", {batch, 3, 16, 16});
  x = net.relu("features.1", net.conv("features.0", x, ConvOptions::square(6, 3, 1, 1, true)));
  x = net.max_pool("features.2", x, {});
  x = net.relu("features.4", net.conv("features.3", x, ConvOptions::square(8, 3, 1, 1, true)));
  x = net.max_pool("features.5", x, {});
  x = net.flatten("flatten", net.average_pool("avgpool", x, 2, 2));
  x = net.dropout("classifier.2", net.relu("classifier.1", net.linear("classifier.0", x, 24)));
  net.linear("classifier.3", x, 10);
  return graph;
}

/// Everything of a run that a caller can ask for, in row-major N,C,H,W.
template <class T>
struct Run {
  std::vector<T> output, gradient;
  bool operator==(const Run&) const = default;  // to the bit, as nothing here is −0 or NaN by chance
};

/// Forward, and the gradient of the first input for the seed.
template <class T>
Run<T> run(Session& session, const std::vector<double>& x, const std::vector<double>& seed) {
  const auto as_t = [](const std::vector<double>& from) { return std::vector<T>(from.begin(), from.end()); };
  const std::string& input = session.graph().value(0).name;
  session.set(input, std::span<const T>(as_t(x)));
  session.forward();
  session.backward(std::span<const T>(as_t(seed)));
  return {session.value<T>(session.graph().value(session.graph().output()).name), session.gradient<T>(input)};
}

}  // namespace backlight::testing
