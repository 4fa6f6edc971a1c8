#include "apps/menagerie/animal.h"

namespace backlight::menagerie {

void paint_tail(const Brush& brush, Animal animal, float size) {
  const float lift = 0.25f * brush.scene().pose.tail;
  switch (animal) {
    case Animal::bear:  // a stub
      brush.fur(circle({1.16f, 2.3f - lift / 2}, 0.3f * size));
      break;
    case Animal::cat:  // slender, in an S
      brush.fur(Stroke({0.6f, 2.65f}, 0.16f, {1.75f * size, 2.85f}, 0.17f, {1.5f, 1.9f - lift}, 0.16f)
                    .bend({1.25f, 1.1f - lift}, 0.15f, {1.75f * size, 0.95f - lift}, 0.14f),
                0, 0.7f);
      break;
    case Animal::dog:  // a sickle
      brush.fur(
          Stroke({0.75f, 2.35f}, 0.24f, {1.65f * size, 2.3f}, 0.28f, {1.62f * size, 1.25f - lift}, 0.04f), 0,
          1.3f);
      break;
    case Animal::monkey:  // long and thin, rolled up at its end
      brush.fur(Stroke({0.4f, 2.5f}, 0.11f, {1.9f * size, 3.0f}, 0.11f, {1.78f * size, 1.7f - lift}, 0.1f)
                    .bend({1.66f * size, 0.75f - lift}, 0.1f, {2.15f * size, 0.85f - lift}, 0.1f)
                    .bend({2.55f * size, 1.05f - lift}, 0.1f, {2.1f * size, 1.35f - lift}, 0.09f),
                0, 0.4f);
      break;
    case Animal::rabbit:  // a puff
      brush.fur(circle({0.98f, 2.35f - lift / 2}, 0.38f * size), 1, 2.2f);
      break;
  }
}

}  // namespace backlight::menagerie
