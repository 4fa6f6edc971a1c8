#pragma once

#include <span>
#include <vector>

#include "apps/image/resize.h"

namespace backlight {

/// What a network sees of some photographs: grey levels 0 … 255, N,3,size,size.
struct Inputs {
  std::vector<std::size_t> places;  // in the list that they are from
  std::vector<Framing> framings;    // how they were resized and cropped
  std::vector<Image> prepared;      // resized and cropped
  std::vector<float> elements;      // the same as floats

  std::span<const float> of(std::size_t index) const {
    const std::size_t count = elements.size() / prepared.size();
    return std::span(elements).subspan(index * count, count);
  }
};

}  // namespace backlight
