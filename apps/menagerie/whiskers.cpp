#include "apps/menagerie/animal.h"

namespace backlight::menagerie {

void paint_whiskers(const Brush& brush, Animal animal, float size) {
  const Coat& coat = brush.scene().coat;
  const Vec c = on_face(brush.scene().pose, {0, 0.36f});
  const bool dark = luminance(coat.base) > 0.5f;
  const Colour hair = dark ? mix(ink, coat.base, 0.1f) : cream;
  for (const float way : {-1.0f, 1.0f}) {
    const auto at = [=](float x, float y) { return c + Vec{way * x, y}; };
    switch (animal) {
      case Animal::bear:
        break;           // none
      case Animal::cat:  // long and curved
        for (const float rise : {-1.0f, 0.0f, 1.0f})
          brush.line(Stroke(at(0.34f, 0.08f + 0.06f * rise), 0.028f, at(0.8f * size, 0.0f + 0.16f * rise),
                            0.026f, at(1.22f * size, 0.12f + 0.34f * rise), 0.012f),
                     hair, 0.9f);
        break;
      case Animal::dog:  // the roots alone
        for (const Vec dot : {Vec{0.16f, 0.08f}, Vec{0.3f, 0.06f}, Vec{0.24f, 0.18f}})
          brush.flat(circle(at(dot.x, dot.y), 0.035f * size), ink, 0.8f);
        break;
      case Animal::monkey:  // tufts at the cheeks
        for (const float rise : {0.0f, 1.0f, 2.0f})
          brush.fur(Stroke({way * 0.78f, 0.28f + 0.12f * rise}, 0.13f,
                           {way * (0.8f + (0.42f - 0.08f * rise) * size), 0.38f + 0.2f * rise}, 0.02f),
                    0.7f, 0.8f, 0.1f);
        break;
      case Animal::rabbit:  // short and straight
        for (const float rise : {-1.0f, 1.0f})
          brush.line(Stroke(at(0.24f, 0.1f + 0.04f * rise), 0.024f,
                            at(0.24f + 0.36f * size, 0.09f + 0.12f * rise), 0.014f),
                     hair, 0.9f);
        break;
    }
  }
}

}  // namespace backlight::menagerie
