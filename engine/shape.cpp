#include "engine/shape.h"

#include "engine/error.h"

namespace backlight {

Shape::Shape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {
  for (const std::int64_t extent : extents_) {
    if (extent < 1) throw Error("shape " + to_string(*this) + ": every extent must be at least 1");
    if (extent > most_elements / elements_)
      throw Error("shape " + to_string(*this) + ": more than 2^40 elements");
    elements_ *= extent;
  }
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape.extents())
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

}  // namespace backlight
