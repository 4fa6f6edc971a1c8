#pragma once

// Private to weights/verification/.
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/parameters.h"

namespace backlight {

/// A format of numbers: `bits` of significand, the leading one counted, and no step finer than 2^finest.
/// float32 is {24, −149}, TF32 {11, −136}, bfloat16 {8, −133}, float16 {11, −24}.
struct NumberFormat {
  int bits = 24, finest = -149;
};

/// The narrowest format that holds all of these numbers; of zeros alone, one of 0 bits.
NumberFormat format_of(std::span<const double> values);

/// Rounding to a format, as a disturbance: each number is moved by chance, evenly within half a step to
/// either side. What comes of it has the size of what rounding does, whichever way a machine rounds. Without
/// a seed nothing is left to chance: numbers are rounded to the nearest, as most machines do, ties to even.
class RoundingNoise {
 public:
  /// With kinds of nodes ("conv", "linear"): they round what they multiply, and nothing else is rounded.
  /// Without: every value and gradient is, where it is stored.
  RoundingNoise(NumberFormat format, std::set<std::string> kinds, std::optional<std::uint64_t> seed)
      : format_(format), kinds_(std::move(kinds)), by_chance_(seed), random_(seed.value_or(0)) {}

  bool rounds_values() const { return kinds_.empty(); }
  bool rounds_factors_of(const Node& node) const { return kinds_.contains(std::string(node.op->kind())); }
  std::vector<double> disturbed(const std::vector<double>& values);
  /// The parameters of a graph, those disturbed that its rounding nodes multiply with.
  Parameters disturbed(const Graph& graph, const Parameters& parameters);

 private:
  NumberFormat format_;
  std::set<std::string> kinds_;
  bool by_chance_;
  std::mt19937_64 random_;
};

}  // namespace backlight
