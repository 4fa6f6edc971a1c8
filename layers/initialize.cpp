#include "layers/initialize.h"

#include <cmath>
#include <random>

namespace backlight {

Parameters initialize(const Graph& graph, std::uint64_t seed, Precision precision, Device device) {
  Parameters parameters(precision, device);
  // Not std::uniform_real_distribution: its sequence is the library's own affair.
  std::mt19937_64 random(seed);
  const auto uniform = [&] {
    return std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
  };  // in [-1, 1)
  for (const Node& node : graph.nodes())
    for (std::size_t i = 0; i < node.parameters.size(); ++i) {
      const Parameter& parameter = graph.parameter(node.parameters[i]);
      if (parameter.role == ParameterSpec::Role::constant) continue;
      std::vector<double> values(static_cast<std::size_t>(parameter.shape.elements()));
      if (parameter.shape.rank() > 1) {
        const double bound =
            std::sqrt(6.0 / static_cast<double>(parameter.shape.elements() / parameter.shape[0]));
        for (double& value : values) value = bound * uniform();
      } else if (parameter.name.ends_with(".running_var") || (node.op->kind() == "batchnorm" && i == 0)) {
        values.assign(values.size(), 1.0);
      }
      parameters.add(parameter.name, parameter.shape).assign(std::span<const double>(values));
    }
  return parameters;
}

}  // namespace backlight
