#include "weights/model_info.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace backlight {

void check(const ModelInfo& info, const std::string& where) {
  constexpr std::int64_t most_pixels = 8192;
  const auto refuse = [&](const std::string& name, const std::string& what) {
    throw Error(where + ": attribute '" + name + "': " + what);
  };
  const auto finite = [](double x) { return std::isfinite(x); };
  const auto positive = [](double x) { return std::isfinite(x) && x > 0; };
  if (info.architecture.empty()) refuse("architecture", "is empty");
  if (info.classes.empty()) refuse("classes", "names no class");
  if (info.input_size < 1 || info.input_size > most_pixels)
    refuse("input_size",
           "expected 1 to " + std::to_string(most_pixels) + ", found " + std::to_string(info.input_size));
  if (info.resize != 0 && (info.resize < info.input_size || info.resize > most_pixels))
    refuse("resize", "expected 0 or input_size (" + std::to_string(info.input_size) + ") to " +
                         std::to_string(most_pixels) + ", found " + std::to_string(info.resize));
  if (!std::ranges::all_of(info.mean, finite)) refuse("mean", "expected finite numbers");
  if (!std::ranges::all_of(info.std, positive)) refuse("std", "expected finite numbers above 0");
}

}  // namespace backlight
