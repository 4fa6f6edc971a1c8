#pragma once

#include "apps/menagerie/brush.h"

// The animals, from parts. All coordinates are in radii of the head, whose centre is the origin; left and
// right are those of the picture unless it is flipped.

namespace backlight::menagerie {

/// Paints the animal of the scene, each part as `animal` has it or as the change says.
void paint_animal(Canvas& canvas, const Scene& scene, Animal animal, const std::optional<Change>& change);

/// Where a point of the face comes to lie when the head, a ball, turns by the pose's yaw and pitch.
Vec on_face(const Pose& pose, Vec p);

// One part each, in the file of its name. `size` is the part's stretch.
void paint_ears(const Brush& brush, Animal animal, float size);
void paint_muzzle(const Brush& brush, Animal animal, float size);
void paint_eyes(const Brush& brush, Animal animal, float size);
void paint_whiskers(const Brush& brush, Animal animal, float size);
void paint_body(const Brush& brush, Animal animal, float size);
void paint_tail(const Brush& brush, Animal animal, float size);

/// A floppy ear hangs before the head, all others stand behind it.
constexpr bool ears_hang(Animal animal) { return animal == Animal::dog; }

}  // namespace backlight::menagerie
