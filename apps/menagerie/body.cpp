#include "apps/menagerie/animal.h"

namespace backlight::menagerie {
namespace {

/// The lines between the toes of a paw.
void toes(const Brush& brush, Vec paw, float size) {
  for (const float x : {-0.35f, 0.35f})
    brush.line(Stroke(paw + size * Vec{x, 0.3f}, 0.02f, paw + size * Vec{x, 0.8f}, 0.02f), ink, 0.55f);
}

void bear(const Brush& brush, float size, float arms) {
  brush.fur(Ellipse{{0, 1.78f}, {1.12f * size, 1.12f}});
  brush.fur(Ellipse{{0, 1.9f}, {0.72f * size, 0.76f}}, 0.85f, 0.6f, 0.1f);
  for (const float way : {-1.0f, 1.0f}) {
    brush.fur(Ellipse{{way * 0.78f * size, 2.72f}, {0.4f, 0.38f}});
    brush.skin(Ellipse{{way * 0.78f * size, 2.76f}, {0.22f, 0.2f}}, brush.scene().coat.skin);
    for (const float x : {-0.17f, 0.0f, 0.17f})
      brush.skin(circle({way * 0.78f * size + x, 2.5f + 1.2f * x * x}, 0.065f), brush.scene().coat.skin,
                 0.1f);
    brush.fur(Stroke({way * 0.82f * size, 1.15f}, 0.28f,
                     {way * (1.12f * size + 0.1f), 1.75f - 0.35f * arms * way}, 0.33f));
  }
}

void cat(const Brush& brush, float size, float arms) {
  brush.fur(Stroke({0, 0.95f}, 0.5f, {0, 2.25f}, 0.78f * size));
  for (const float way : {-1.0f, 1.0f}) brush.fur(Ellipse{{way * 0.62f * size, 2.5f}, {0.36f, 0.46f}});
  brush.fur(Stroke({0, 1.05f}, 0.36f, {0, 1.6f}, 0.16f), 0.95f, 1.6f, 0.1f);
  for (const float way : {-1.0f, 1.0f}) {
    const Vec paw{way * (0.27f + 0.04f * arms), 2.82f};
    brush.fur(Stroke({way * 0.24f, 1.6f}, 0.2f, paw, 0.21f), 0, 0.6f);
    brush.fur(Ellipse{paw + Vec{0, 0.06f}, {0.26f, 0.18f}}, 0.9f, 0.4f);
    toes(brush, paw + Vec{0, 0.03f}, 0.2f);
  }
}

void dog(const Brush& brush, float size, float arms) {
  brush.fur(Stroke({0, 1.0f}, 0.68f, {0, 2.1f}, 0.86f * size));
  for (const float way : {-1.0f, 1.0f})
    brush.fur(Stroke({way * 0.8f * size, 2.3f}, 0.42f, {way * 1.02f * size, 2.78f}, 0.22f));
  brush.fur(Ellipse{{0, 1.5f}, {0.5f, 0.68f}}, 0.95f, 1.2f, 0.1f);
  for (const float way : {-1.0f, 1.0f}) {
    const Vec paw{way * (0.46f + 0.05f * arms), 2.78f};
    brush.fur(Stroke({way * 0.5f, 1.55f}, 0.27f, paw, 0.25f));
    brush.fur(Ellipse{paw + Vec{0, 0.1f}, {0.36f, 0.23f}}, 0.9f, 0.5f);
    toes(brush, paw + Vec{0, 0.06f}, 0.28f);
  }
}

void monkey(const Brush& brush, float size, float arms) {
  const Coat& coat = brush.scene().coat;
  for (const float way : {-1.0f, 1.0f}) {
    brush.fur(Stroke({way * 0.3f, 2.3f}, 0.26f, {way * 1.15f, 2.0f}, 0.26f, {way * 0.92f, 2.85f}, 0.2f));
    brush.skin(Ellipse{{way * 1.02f, 2.92f}, {0.28f, 0.16f}}, coat.skin);
  }
  brush.fur(Stroke({0, 1.0f}, 0.5f, {0, 2.15f}, 0.6f * size));
  brush.fur(Ellipse{{0, 1.8f}, {0.36f * size, 0.62f}}, 0.9f, 0.5f, 0.1f);
  for (const float way : {-1.0f, 1.0f}) {
    const float lift = 0.55f * arms * way;
    const Vec hand{way * 1.3f, 2.1f - lift};
    brush.fur(Stroke({way * 0.42f, 1.1f}, 0.2f, {way * 1.25f, 1.15f}, 0.19f, hand, 0.15f));
    brush.skin(circle(hand + Vec{0, 0.06f}, 0.19f), coat.skin);
  }
}

void rabbit(const Brush& brush, float size, float arms) {
  brush.fur(Ellipse{{0, 1.85f}, {0.82f * size, 1.02f}});
  brush.fur(Ellipse{{0, 1.95f}, {0.5f * size, 0.68f}}, 0.95f, 0.9f, 0.1f);
  for (const float way : {-1.0f, 1.0f}) {
    const Vec foot{way * 0.62f * size, 2.78f};
    brush.fur(Ellipse{foot, {0.5f, 0.22f}, Turn::of(0.1f * way)}, 0.3f);
    toes(brush, foot + Vec{way * 0.26f, -0.02f}, 0.2f);
    brush.fur(Stroke({way * 0.5f, 1.25f}, 0.17f, {way * 0.2f, 1.62f + 0.08f * arms}, 0.16f), 0.2f, 0.6f,
              0.45f);
  }
}

}  // namespace

void paint_body(const Brush& brush, Animal animal, float size) {
  const float arms = brush.scene().pose.arms;
  switch (animal) {
    case Animal::bear:
      return bear(brush, size, arms);
    case Animal::cat:
      return cat(brush, size, arms);
    case Animal::dog:
      return dog(brush, size, arms);
    case Animal::monkey:
      return monkey(brush, size, arms);
    case Animal::rabbit:
      return rabbit(brush, size, arms);
  }
}

}  // namespace backlight::menagerie
