#include "weights/verification/rounding_noise.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace backlight {

NumberFormat format_of(std::span<const double> values) {
  NumberFormat format{0, std::numeric_limits<int>::max()};
  for (const double value : values) {
    if (value == 0) continue;
    int exponent = 0;  // |value| = whole · 2^(exponent − 53), whole of 53 bits
    const auto whole = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::abs(value), &exponent), 53));
    const int zeros = std::countr_zero(whole);
    format.bits = std::max(format.bits, 53 - zeros);
    format.finest = std::min(format.finest, exponent - 53 + zeros);
  }
  return format;
}

std::vector<double> RoundingNoise::disturbed(const std::vector<double>& values) {
  std::uniform_real_distribution<double> half_a_step(-0.5, 0.5);
  std::vector<double> moved(values);
  for (double& value : moved) {
    if (value == 0) continue;
    const int step = std::max(std::ilogb(value) - format_.bits + 1, format_.finest);
    value = by_chance_ ? value + std::ldexp(half_a_step(random_), step)
                       : std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
  }
  return moved;
}

Parameters RoundingNoise::disturbed(const Graph& graph, const Parameters& parameters) {
  std::set<std::string> factors;
  for (const Node& node : graph.nodes())
    for (const ParameterId id : node.parameters)
      if (rounds_factors_of(node) && graph.parameter(id).shape.rank() > 1)  // a bias is added
        factors.insert(graph.parameter(id).name);
  Parameters result(parameters.precision(), parameters.device());
  for (const std::string& name : parameters.names()) {
    std::vector<double> values = parameters.values(name);
    if (factors.contains(name)) values = disturbed(values);
    result.add(name, parameters.shape(name)).assign(std::span<const double>(values));
  }
  return result;
}

}  // namespace backlight
