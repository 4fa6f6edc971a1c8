#pragma once

// Private to weights/.
#include <span>

#include "engine/tensor.h"

namespace backlight {

/// Calls `visit` with the elements of a tensor as a span of its own precision, and gives back what it does.
template <class Visit>
auto with_elements(const Tensor& tensor, Visit visit) {
  const auto count = static_cast<std::size_t>(tensor.shape.elements());
  if (tensor.precision == Precision::float32) return visit(std::span(tensor.as<float>(), count));
  return visit(std::span(tensor.as<double>(), count));
}

}  // namespace backlight
