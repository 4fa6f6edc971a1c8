#include "apps/menagerie/brush.h"
#include "apps/menagerie/random.h"

namespace backlight::menagerie {
namespace {

/// How much of the nearest spot lies at p: one spot in each unit square, of random place and size.
float spots(Vec p, float coverage) {
  const float left = std::floor(p.x), top = std::floor(p.y);
  float most = 0;
  for (int i = -1; i <= 1; ++i)
    for (int j = -1; j <= 1; ++j) {
      const Vec cell{left + static_cast<float>(i), top + static_cast<float>(j)};
      const Vec random = noise_grid.pair(cell);
      const float radius = coverage * (0.5f + 0.5f * random.x);
      const float far = length(p - cell - Vec{0.2f + 0.6f * random.x, 0.2f + 0.6f * random.y});
      most = std::max(most, 1 - step(radius - 0.12f, radius + 0.06f, far));
    }
  return most;
}

float pattern(const Coat& coat, Vec p) {
  const Vec turned = coat.direction(p), place = coat.frequency * turned + coat.offset;
  switch (coat.pattern) {
    case Pattern::plain:
      return 0;
    case Pattern::shaded:
      return step(-1.2f, 2.0f, turned.y + 0.4f * noise(2 * place));
    case Pattern::stripes:
      return step(1 - coat.coverage - 0.15f, 1 - coat.coverage + 0.15f,
                  wave(place.y + 0.7f * noise(0.8f * place)));
    case Pattern::spots:
      return spots(place, coat.coverage);
    case Pattern::patches:
      return step(0.56f - 0.2f * coat.coverage, 0.64f - 0.2f * coat.coverage, cloud(0.6f * place, 2));
  }
  return 0;
}

}  // namespace

Colour coat_colour(const Coat& coat, Vec p) { return mix(coat.base, coat.second, pattern(coat, p)); }

}  // namespace backlight::menagerie
