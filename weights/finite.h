#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "engine/error.h"

namespace backlight {

/// Throws Error, which begins with `where` and names the element, where a number is infinite or none: such a
/// number spoils all that is computed from it.
template <class T>
void expect_finite(std::span<T> elements, const std::string& where) {
  const auto bad = std::ranges::find_if_not(elements, [](T value) { return std::isfinite(value); });
  if (bad != elements.end())
    throw Error(where + ": element " + std::to_string(bad - elements.begin()) + " is not finite");
}

}  // namespace backlight
