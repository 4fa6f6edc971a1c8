#pragma once

#include <span>
#include <vector>

#include "engine/tensor.h"

namespace backlight {

/// Calls `visit` with the elements of a tensor as a span of its own precision, which it may change, and gives
/// back what it does. Of a tensor on another device it sees a copy, which goes back.
template <class Visit>
auto with_elements(const Tensor& tensor, Visit visit) {
  const auto of_type = [&]<class T>(T) {
    const auto count = static_cast<std::size_t>(tensor.shape.elements());
    if (tensor.device == Device::cpu) return visit(std::span(tensor.as<T>(), count));
    std::vector<T> copy = tensor.copy<T>();
    if constexpr (std::is_void_v<decltype(visit(std::span(copy)))>) {
      visit(std::span(copy));
      tensor.assign(std::span<const T>(copy));
    } else {
      auto result = visit(std::span(copy));
      tensor.assign(std::span<const T>(copy));
      return result;
    }
  };
  return tensor.precision == Precision::float32 ? of_type(float{}) : of_type(double{});
}

}  // namespace backlight
