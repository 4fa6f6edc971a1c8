#include "apps/menagerie/animal.h"

namespace backlight::menagerie {
namespace {

void paint_head(const Brush& brush) {
  const Coat& coat = brush.scene().coat;
  brush.fur(Ellipse{{0, 0}, {1.0f, 0.92f}});
  for (const float cheek : {-0.62f, 0.62f})
    brush.flat(Ellipse{on_face(brush.scene().pose, {cheek, 0.3f}), {0.2f, 0.14f}}, coat.blush, 0.4f, 7);
}

/// A scarf or a bow at the neck belongs to no part.
void paint_wear(const Brush& brush) {
  const Scene& scene = brush.scene();
  if (scene.wear == Wear::scarf) {
    brush.skin(Stroke({-0.62f, 0.78f}, 0.15f, {0, 1.12f}, 0.17f, {0.62f, 0.78f}, 0.15f), scene.cloth);
    brush.skin(Stroke({0.3f, 1.0f}, 0.13f, {0.42f, 1.62f}, 0.17f), scene.cloth);
  } else if (scene.wear == Wear::bow) {
    for (const float way : {-1.0f, 1.0f})
      brush.skin(Stroke({way * 0.08f, 1.0f}, 0.07f, {way * 0.34f, 1.0f}, 0.19f), scene.cloth);
    brush.skin(circle({0, 1.0f}, 0.11f), scene.cloth);
  }
}

}  // namespace

Vec on_face(const Pose& pose, Vec p) {
  const float z = std::sqrt(std::max(0.0f, 1 - dot(p, p)));
  const Vec yawed = pose.yaw({p.x, z});            // x and z
  const Vec pitched = pose.pitch({p.y, yawed.y});  // y and z
  return {yawed.x, pitched.x};
}

void paint_animal(Canvas& canvas, const Scene& scene, Animal animal, const std::optional<Change>& change) {
  const Pose& pose = scene.pose;
  const Frame body{pose.head, pose.size, pose.lean, pose.flipped};
  const Frame head = body.turned(pose.tilt, {0, 0.5f});
  const auto as = [&](Part part) {
    return change && change->part == part ? change->as : std::optional<Animal>(animal);
  };
  const auto paint = [&](Part part, const Frame& frame, auto paint_part) {
    if (const auto whose = as(part))
      paint_part(Brush(canvas, scene, frame, static_cast<Layer>(part)), *whose,
                 pose.stretch[static_cast<std::size_t>(part)]);
  };
  const bool hanging = as(Part::ears) && ears_hang(*as(Part::ears));
  paint(Part::tail, body, paint_tail);
  paint(Part::body, body, paint_body);
  paint_wear(Brush(canvas, scene, body, scenery_layer));
  if (!hanging) paint(Part::ears, head, paint_ears);
  paint_head(Brush(canvas, scene, head, head_layer));
  if (hanging) paint(Part::ears, head, paint_ears);
  paint(Part::muzzle, head, paint_muzzle);
  paint(Part::eyes, head, paint_eyes);
  paint(Part::whiskers, head, paint_whiskers);
}

}  // namespace backlight::menagerie
