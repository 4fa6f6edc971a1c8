#include "apps/menagerie/animal.h"

namespace backlight::menagerie {
namespace {

/// The reflections of the window, on the side of the light.
void catch_light(const Brush& brush, Vec centre, float size) {
  brush.flat(circle(centre + size * Vec{-0.35f, -0.4f}, 0.34f * size), white, 0.95f);
  brush.flat(circle(centre + size * Vec{0.3f, 0.35f}, 0.16f * size), white, 0.6f);
}

}  // namespace

void paint_eyes(const Brush& brush, Animal animal, float size) {
  const Coat& coat = brush.scene().coat;
  const Pose& pose = brush.scene().pose;
  for (const float way : {-1.0f, 1.0f}) {
    const auto place = [&](float x, float y) { return on_face(pose, {way * x, y}); };
    switch (animal) {
      case Animal::bear: {  // small black beads
        const Vec c = place(0.36f, -0.14f);
        brush.flat(circle(c, 0.125f * size), ink);
        catch_light(brush, c, 0.12f * size);
        break;
      }
      case Animal::cat: {  // slanted almonds with a slit
        const Vec c = place(0.4f, -0.16f), out = Vec{way * 0.22f, -0.08f};
        const auto almond = [&](float r) {
          return Stroke(c - (size * r) * out, 0.03f, c, size * r * 0.29f, c + (size * r) * out, 0.03f);
        };
        brush.flat(almond(1.18f), ink);
        brush.flat(almond(0.98f), coat.iris);
        const Vec pupil = c + 0.05f * pose.gaze;
        brush.flat(Ellipse{pupil, {0.045f * size, 0.15f * size}}, ink);
        catch_light(brush, c, 0.13f * size);
        break;
      }
      case Animal::dog: {  // round and brown under heavy brows
        const Vec c = place(0.37f, -0.18f);
        brush.flat(Ellipse{c, {0.185f * size, 0.2f * size}}, ink);
        brush.flat(Ellipse{c + Vec{0, 0.01f}, {0.155f * size, 0.17f * size}}, white);
        const Vec pupil = c + 0.045f * pose.gaze;
        brush.flat(circle(pupil, 0.135f * size), coat.iris);
        brush.flat(circle(pupil, 0.085f * size), ink);
        catch_light(brush, pupil, 0.13f * size);
        const Vec brow = c + size * Vec{way * 0.02f, -0.32f};
        brush.fur(Ellipse{brow, {0.15f * size, 0.075f * size}, Turn::of(0.14f * way)}, 1, 0.3f, 0.1f);
        break;
      }
      case Animal::monkey: {  // close together, in bare skin
        const Vec c = place(0.25f, -0.18f);
        brush.skin(Ellipse{c + Vec{way * 0.02f, 0}, {0.32f * size, 0.36f * size}}, coat.skin, 0.1f);
        break;
      }
      case Animal::rabbit: {  // tall and dark, far apart
        const Vec c = place(0.5f, -0.12f);
        brush.fur(Ellipse{c, {0.2f * size, 0.28f * size}}, 0.9f, 0.4f, 0);
        brush.flat(Ellipse{c, {0.15f * size, 0.22f * size}}, ink);
        brush.flat(Ellipse{c + Vec{0, 0.07f * size}, {0.11f * size, 0.12f * size}}, coat.iris, 0.6f, 2);
        catch_light(brush, c + Vec{0, -0.03f * size}, 0.17f * size);
        for (const float lash : {0.0f, 0.09f})
          brush.line(Stroke(c + size * Vec{way * 0.1f, -0.15f + lash}, 0.02f,
                            c + size * Vec{way * 0.23f, -0.24f + lash}, 0.012f),
                     ink);
        break;
      }
    }
  }
  if (animal == Animal::monkey)  // after both patches, which meet
    for (const float way : {-1.0f, 1.0f}) {
      const Vec c = on_face(pose, {way * 0.25f, -0.16f});
      brush.flat(circle(c, 0.16f * size), white);
      const Vec pupil = c + 0.05f * pose.gaze;
      brush.flat(circle(pupil, 0.115f * size), 0.8f * coat.iris);
      brush.flat(circle(pupil, 0.07f * size), ink);
      catch_light(brush, pupil, 0.11f * size);
      brush.line(
          Stroke(c + Vec{-0.13f, -0.2f}, 0.02f, c + Vec{0, -0.27f}, 0.025f, c + Vec{0.13f, -0.2f}, 0.02f),
          ink, 0.6f);
    }
}

}  // namespace backlight::menagerie
