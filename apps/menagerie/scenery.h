#pragma once

#include "apps/menagerie/canvas.h"
#include "apps/menagerie/scene.h"

namespace backlight::menagerie {

/// Fills the canvas: wall or landscape, ground, and the shadow of what will stand there.
void paint_background(Canvas& canvas, const Scene& scene);

/// One thing, in the light of the scene. It belongs to no part.
void paint_object(Canvas& canvas, const Scene& scene, const Object& object);

/// What the camera makes of the painting: blur, vignette, exposure, colour cast and sensor noise.
Image photograph(const Canvas& canvas, const Camera& camera);

}  // namespace backlight::menagerie
