#include "apps/training/augment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/image/resize.h"

namespace backlight {

std::vector<float> augment(const Image& image, int size, menagerie::Random& random) {
  const int shorter = std::min(image.width, image.height);
  const int side = std::clamp(
      static_cast<int>(std::lround(static_cast<float>(shorter) * random.uniform(0.6f, 1.0f))), 1, shorter);
  const int left = random.below(image.width - side + 1), top = random.below(image.height - side + 1);
  std::vector<float> pixels = to_chw(resize(crop(image, left, top, side, side), size, size));
  if (random.chance(0.5f))
    for (auto row = pixels.begin(); row != pixels.end(); row += size) std::reverse(row, row + size);

  const float brightness = random.uniform(0.85f, 1.15f), contrast = random.uniform(0.85f, 1.15f);
  const float mean = std::accumulate(pixels.begin(), pixels.end(), 0.0f) / static_cast<float>(pixels.size());
  for (float& pixel : pixels)
    pixel = std::clamp((mean + (pixel - mean) * contrast) * brightness, 0.0f, 255.0f);
  return pixels;
}

}  // namespace backlight
