#include "apps/menagerie/animal.h"

namespace backlight::menagerie {
namespace {

/// The nose with its highlight.
void nose(const Brush& brush, Vec centre, Vec radius) {
  brush.skin(Ellipse{centre, radius}, brush.scene().coat.nose);
  brush.flat(Ellipse{centre + Vec{-0.3f * radius.x, -0.4f * radius.y}, {0.35f * radius.x, 0.25f * radius.y}},
             white, 0.55f);
}

/// A mouth like a w, `wide` to each side of a point.
void mouth(const Brush& brush, Vec top, float drop, float wide) {
  const Vec middle = top + Vec{0, drop};
  brush.line(Stroke(top, 0.022f, middle, 0.022f), ink, 0.8f);
  for (const float way : {-wide, wide})
    brush.line(Stroke(middle, 0.025f, middle + Vec{0.45f * way, 0.5f * wide}, 0.025f,
                      middle + Vec{way, 0.06f * wide}, 0.018f),
               ink, 0.8f);
}

}  // namespace

void paint_muzzle(const Brush& brush, Animal animal, float size) {
  const Coat& coat = brush.scene().coat;
  const Vec c = on_face(brush.scene().pose, {0, 0.36f});
  const auto at = [=](float x, float y) { return c + Vec{size * x, size * y}; };
  switch (animal) {
    case Animal::bear:
      brush.fur(Ellipse{at(0, 0.06f), {0.47f * size, 0.36f * size}}, 1, 0.4f);
      mouth(brush, at(0, 0.02f), 0.14f * size, 0.17f * size);
      nose(brush, at(0, -0.1f), {0.21f * size, 0.14f * size});
      break;
    case Animal::cat:
      brush.fur(Ellipse{at(0, 0.26f), {0.16f * size, 0.1f * size}}, 1, 0.3f);
      for (const float way : {-1.0f, 1.0f}) brush.fur(circle(at(0.19f * way, 0.1f), 0.23f * size), 1, 0.3f);
      mouth(brush, at(0, 0.0f), 0.08f * size, 0.2f * size);
      brush.skin(Stroke(at(-0.05f, -0.1f), 0.045f * size, at(0.05f, -0.1f), 0.045f * size)
                     .bend(at(0.03f, 0), 0.04f * size, at(0, 0.0f), 0.03f * size),
                 coat.nose);
      break;
    case Animal::dog: {
      brush.fur(Stroke(at(0, -0.55f), 0.13f * size, at(0, 0.02f), 0.36f * size), 1, 0.4f, 0.1f);
      for (const float way : {-1.0f, 1.0f})
        brush.fur(Ellipse{at(0.2f * way, 0.14f), {0.27f * size, 0.25f * size}}, 1, 0.4f, 0.15f);
      const Colour tongue = hsv(-0.02f, 0.45f, 0.88f);
      brush.skin(Stroke(at(0, 0.26f), 0.11f * size, at(0.02f, 0.52f), 0.13f * size), tongue);
      brush.line(Stroke(at(0, 0.3f), 0.014f, at(0.015f, 0.5f), 0.014f), 0.7f * tongue, 0.7f);
      mouth(brush, at(0, -0.05f), 0.24f * size, 0.26f * size);
      nose(brush, at(0, -0.14f), {0.2f * size, 0.16f * size});
      break;
    }
    case Animal::monkey:
      brush.skin(Ellipse{at(0, 0.1f), {0.66f * size, 0.44f * size}}, coat.skin);
      for (const float way : {-1.0f, 1.0f})
        brush.flat(Ellipse{at(0.08f * way, -0.1f), {0.04f * size, 0.03f * size}, Turn::of(0.2f * way)}, ink,
                   0.85f);
      brush.line(Stroke(at(-0.4f, 0.14f), 0.02f, at(0, 0.42f), 0.035f, at(0.4f, 0.14f), 0.02f), ink, 0.8f);
      break;
    case Animal::rabbit:
      brush.skin(Ellipse{at(0, 0.27f), {0.11f * size, 0.09f * size}}, 0.75f * coat.skin);
      for (const float way : {-1.0f, 1.0f})
        brush.skin(Stroke(at(0.065f * way, 0.22f), 0.062f * size, at(0.065f * way, 0.37f), 0.055f * size),
                   cream);
      for (const float way : {-1.0f, 1.0f})
        brush.fur(Ellipse{at(0.2f * way, 0.1f), {0.26f * size, 0.19f * size}, Turn::of(0.15f * way)}, 1,
                  0.5f);
      brush.line(Stroke(at(0, -0.04f), 0.025f, at(0, 0.13f), 0.025f), ink, 0.8f);
      brush.skin(Stroke(at(-0.09f, -0.07f), 0.045f * size, at(0.09f, -0.07f), 0.045f * size)
                     .bend(at(0.05f, 0.02f), 0.05f * size, at(0, 0.03f), 0.03f * size),
                 coat.nose);
      break;
  }
}

}  // namespace backlight::menagerie
