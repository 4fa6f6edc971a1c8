#include "apps/image/image.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace backlight {

std::vector<float> to_chw(const Image& image) {
  const std::size_t plane = std::size_t(image.width) * image.height;
  std::vector<float> chw(3 * plane);
  for (std::size_t i = 0; i < plane; ++i)
    for (std::size_t c = 0; c < 3; ++c) chw[c * plane + i] = image.pixels[3 * i + c];
  return chw;
}

Image from_chw(std::span<const float> chw, int width, int height) {
  Image image(width, height);
  const std::size_t plane = std::size_t(width) * height;
  if (chw.size() != 3 * plane)
    throw Error("an image of 3 x " + std::to_string(height) + " x " + std::to_string(width) +
                " was made from " + std::to_string(chw.size()) + " values");
  for (std::size_t i = 0; i < plane; ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      const float value = chw[c * plane + i];
      image.pixels[3 * i + c] = value > 0 ? std::uint8_t(std::nearbyint(std::min(value, 255.0f))) : 0;
    }
  return image;
}

}  // namespace backlight
