#include "apps/menagerie/animal.h"

namespace backlight::menagerie {

void paint_ears(const Brush& brush, Animal animal, float size) {
  const Coat& coat = brush.scene().coat;
  const float perk = 0.12f * brush.scene().pose.arms;
  for (const float way : {-1.0f, 1.0f}) {
    const auto at = [=](float x, float y) { return Vec{way * x, y}; };
    switch (animal) {
      case Animal::bear:
        brush.fur(circle(at(0.72f, -0.72f), 0.36f * size));
        brush.fur(circle(at(0.73f, -0.74f), 0.2f * size), 0.9f, 0.5f);
        break;
      case Animal::cat: {
        const Vec tip = at(0.82f + perk / 2, -0.55f - 0.92f * size);
        brush.fur(Stroke(at(0.52f, -0.55f), 0.44f, tip, 0.03f), 0, 0.6f);
        brush.skin(Stroke(at(0.56f, -0.62f), 0.27f, mix(at(0.56f, -0.62f), tip, 0.78f), 0.02f), coat.skin);
        break;
      }
      case Animal::dog:
        brush.fur(Stroke(at(0.62f, -0.68f), 0.2f, at(1.2f + perk, -0.75f), 0.3f,
                         at(1.12f + perk, 0.05f + 0.42f * size), 0.3f),
                  [&coat](Vec p) { return mix(0.68f * coat_colour(coat, p), coat.second, 0.35f); });
        break;
      case Animal::monkey:
        brush.fur(circle(at(1.12f, -0.02f), 0.47f * size));
        brush.skin(circle(at(1.13f, 0.0f), 0.31f * size), coat.skin);
        break;
      case Animal::rabbit: {
        const Vec tip = at(0.5f + 1.2f * perk * way, -0.75f - 1.2f * size);
        const Vec via = at(0.36f, -1.3f);
        brush.fur(Stroke(at(0.36f, -0.65f), 0.2f, via, 0.36f, tip, 0.14f), 0, 0.7f);
        brush.skin(Stroke(at(0.37f, -0.7f), 0.08f, via, 0.21f, mix(via, tip, 0.85f), 0.06f), coat.skin);
        break;
      }
    }
  }
}

}  // namespace backlight::menagerie
