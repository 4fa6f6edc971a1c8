#include "apps/menagerie/brush.h"
#include "apps/menagerie/scenery.h"

namespace backlight::menagerie {
namespace {

void ball(const Brush& brush, const Object& object) {
  brush.skin(circle({0, 0}, 1), object.first);
  brush.flat(Stroke({-0.86f, -0.2f}, 0.12f, {0, 0.25f}, 0.22f, {0.86f, -0.2f}, 0.12f), object.second, 0.85f);
  brush.flat(Ellipse{{-0.4f, -0.45f}, {0.2f, 0.14f}}, white, 0.7f, 2);
}

void balloon(const Brush& brush, const Object& object) {
  brush.line(Stroke({0, 1.1f}, 0.04f, {0.3f, 2}, 0.04f, {-0.1f, 3}, 0.04f), 0.6f * object.first, 0.8f);
  brush.skin(Stroke({0, -0.15f}, 0.85f, {0, 0.9f}, 0.3f), object.first);
  brush.skin(circle({0, 1.22f}, 0.13f), 0.8f * object.first);
  brush.flat(Ellipse{{-0.35f, -0.5f}, {0.16f, 0.26f}, Turn::of(0.25f)}, white, 0.65f, 2);
}

void flower(const Brush& brush, const Object& object) {
  const Colour stem = hsv(0.3f, 0.45f, 0.55f);
  brush.skin(Stroke({0, 0}, 0.1f, {0.2f, 1.2f}, 0.1f, {0, 2.4f}, 0.1f), stem);
  brush.skin(Stroke({0.08f, 1.5f}, 0.06f, {0.5f, 1.2f}, 0.3f, {0.9f, 0.8f}, 0.02f), stem);
  Vec petal{0, -0.62f};
  for (int i = 0; i < 6; ++i) {
    brush.skin(circle(petal, 0.4f), object.first);
    petal = Turn{0.5f, 0.8660254f}(petal);
  }
  brush.skin(circle({0, 0}, 0.36f), object.second);
}

void mushroom(const Brush& brush, const Object& object) {
  brush.skin(Stroke({0, 0}, 0.3f, {0, 1}, 0.42f), cream);
  brush.skin(Stroke({-0.55f, 0.05f}, 0.25f, {0, -1.5f}, 0.95f, {0.55f, 0.05f}, 0.25f), object.first);
  for (const Vec dot : {Vec{-0.5f, -0.15f}, Vec{0.1f, -0.5f}, Vec{0.55f, -0.05f}})
    brush.flat(circle(dot, 0.15f), white, 0.9f);
}

void tuft(const Brush& brush, const Object& object) {
  const Colour green = mix(hsv(0.28f, 0.5f, 0.6f), object.first, 0.25f);
  for (const float x : {-0.8f, 0.7f, -0.45f, 0.35f, 0.0f})
    brush.skin(
        Stroke({0.5f * x, 1.2f}, 0.16f, {0.6f * x, 0.2f}, 0.15f, {1.5f * x, -0.9f + 0.6f * x * x}, 0.02f),
        (0.8f + 0.2f * x) * green);
}

void branch(const Brush& brush, const Object& object) {
  brush.skin(Stroke({-1.8f, 0.5f}, 0.12f, {0, 0.3f}, 0.1f, {1.6f, -0.4f}, 0.06f), hsv(0.07f, 0.45f, 0.42f));
  const Colour leaf = mix(hsv(0.27f, 0.5f, 0.65f), object.first, 0.3f);
  for (const float x : {-1.3f, -0.6f, 0.1f, 0.8f})
    for (const float way : {-1.0f, 1.0f}) {
      const Vec foot{x, 0.36f - 0.14f * (x + 1)}, tip = foot + Vec{0.55f, way * 0.62f};
      brush.skin(Stroke(foot, 0.03f, mix(foot, tip, 0.5f), 0.4f, tip, 0.02f), way > 0 ? leaf : 0.88f * leaf);
    }
}

}  // namespace

void paint_object(Canvas& canvas, const Scene& scene, const Object& object) {
  const Brush brush(canvas, scene, {object.position, object.size, object.turn}, scenery_layer);
  switch (object.thing) {
    case Thing::ball:
      return ball(brush, object);
    case Thing::balloon:
      return balloon(brush, object);
    case Thing::flower:
      return flower(brush, object);
    case Thing::mushroom:
      return mushroom(brush, object);
    case Thing::tuft:
      return tuft(brush, object);
    case Thing::branch:
      return branch(brush, object);
  }
}

}  // namespace backlight::menagerie
