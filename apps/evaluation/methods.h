#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// Pictures whose maps are wanted.
struct MapRequest {
  const Model& model;
  std::span<const float> images;  // N,3,size,size in grey levels
  std::span<const int> targets;   // N: the class whose logit each map explains
  std::uint64_t seed = 1;         // of the methods that draw lots
};

/// A way to say how much each pixel counts.
struct Method {
  std::string_view name, description;  // one sentence, without its full stop
  bool baseline;                       // knows nothing of the network
  /// N maps of size,size; no value is below 0. A picture's map does not depend on the other pictures.
  std::vector<std::vector<float>> (*maps)(const MapRequest&);
};

/// All there are, the baselines last.
std::span<const Method> methods();

/// The methods of these names in the table's order, all where none is named, and always the baselines. Throws
/// UsageError, with the names there are, for another name.
std::vector<Method> methods_with_baselines(const std::vector<std::string>& names);

}  // namespace backlight
