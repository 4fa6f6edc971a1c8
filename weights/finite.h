#pragma once

// Private to weights/ and apps/. A number that is infinite or none spoils all that is computed from it.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "engine/elements.h"
#include "engine/error.h"

namespace backlight {

template <class T>
auto first_not_finite(std::span<T> elements) {
  return std::ranges::find_if_not(elements, [](T value) { return std::isfinite(value); });
}

template <class T>
bool all_finite(std::span<T> elements) {
  return first_not_finite(elements) == elements.end();
}
inline bool all_finite(const Tensor& tensor) {
  return with_elements(tensor, [](auto elements) { return all_finite(elements); });
}

/// Throw Error, which begins with `where` and names the element, where one is not finite.
template <class T>
void expect_finite(std::span<T> elements, const std::string& where) {
  if (const auto bad = first_not_finite(elements); bad != elements.end())
    throw Error(where + ": element " + std::to_string(bad - elements.begin()) + " is not finite");
}
inline void expect_finite(const Tensor& tensor, const std::string& where) {
  with_elements(tensor, [&](auto elements) { expect_finite(elements, where); });
}

}  // namespace backlight
