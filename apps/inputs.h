#pragma once

#include <span>
#include <string>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// What a network sees of some photographs: grey levels 0 … 255, N,3,size,size.
struct Inputs {
  std::vector<Framing> framings;  // how they were resized and cropped
  std::vector<Image> prepared;    // resized and cropped
  std::vector<float> elements;    // the same as floats

  std::span<const float> of(std::size_t index) const {
    const std::size_t count = elements.size() / prepared.size();
    return std::span(elements).subspan(index * count, count);
  }
};

/// Loads and prepares photographs. Throws Error that names the first that cannot be read.
Inputs load_inputs(const Model& model, const std::vector<std::string>& paths);

}  // namespace backlight
