#pragma once

#include <cstdint>

#include "engine/graph.h"
#include "engine/parameters.h"

namespace backlight {

/// Untrained weights: uniform in ±√(6/fan_in), which keeps the variance of activations through ReLUs (He et
/// al. 2015, arXiv 1502.01852, §2.2); biases 0; batch normalisation γ 1, β 0, running mean 0, running
/// variance 1. The same seed gives the same bits everywhere.
Parameters initialize(const Graph& graph, std::uint64_t seed, Precision precision = Precision::float32,
                      Device device = Device::cpu);

}  // namespace backlight
