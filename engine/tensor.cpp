#include "engine/tensor.h"

#include <string>

#include "engine/error.h"

namespace backlight {

Precision precision_from_name(std::string_view name) {
  for (const Precision precision : {Precision::float32, Precision::float64})
    if (to_string(precision) == name) return precision;
  throw UsageError("precision '" + std::string(name) + "': float32 or float64");
}

std::string_view to_string(Precision precision) {
  return precision == Precision::float32 ? "float32" : "float64";
}

}  // namespace backlight
