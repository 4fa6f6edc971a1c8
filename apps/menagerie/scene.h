#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "apps/menagerie/colour.h"
#include "apps/menagerie/menagerie.h"

// All that a picture shows except which animal it is. Lengths in the animal's own coordinates are in radii of
// its head, others in pixels.

namespace backlight::menagerie {

struct Pose {
  Vec head;    // its centre, pixels
  float size;  // its radius, pixels
  bool flipped;
  Turn lean, tilt;                               // of the body; of the head against it
  Turn yaw, pitch;                               // where the face looks
  Vec gaze;                                      // where the eyes look, in the unit disc
  float arms, tail;                              // how far they are raised, -1 … 1
  std::array<float, part_names.size()> stretch;  // the size of each part against its usual one
};

enum class Pattern { plain, shaded, stripes, spots, patches };

struct Coat {
  Pattern pattern;
  Colour base, second, pale;  // the fur, its pattern, and muzzle and belly
  Colour skin, nose, iris, blush;
  Vec offset;      // of the pattern
  Turn direction;  // of stripes and shades
  float frequency, coverage;
  float length;     // of hair at the outline
  float roughness;  // contrast of single hairs, 0 … 1
};

struct Light {
  Vec side;            // the x and y of the unit vector towards it
  float height;        // its z
  Colour bright, dim;  // what colours are multiplied by where light falls straight, and where none does
  float rim;           // the glow along outlines
};

enum class Backdrop { gradient, meadow, stripes, bokeh, checks, dots, cloth, night };

struct Background {
  Backdrop kind;
  Colour top, bottom, accent;
  Vec offset;
  Turn direction;
  float frequency, contrast;
  float floor;  // the y of the ground line, pixels
  bool has_floor;
  Colour ground;
  float shadow;  // how dark the animal's shadow on the ground is
};

enum class Thing { ball, balloon, flower, mushroom, tuft, branch };
constexpr int thing_count = 6;

struct Object {
  Thing thing;
  Vec position;  // pixels
  float size;
  Turn turn;
  Colour first, second;
};

enum class Wear { nothing, scarf, bow };

struct Camera {
  float exposure, contrast, warmth, vignette;
  float blur;   // in passes of a 1-2-1 filter
  float noise;  // standard deviation, of 1
  std::uint64_t noise_seed;
};

struct Scene {
  Pose pose;
  Coat coat;
  Light light;
  Background background;
  std::vector<Object> behind, in_front;
  Wear wear;
  Colour cloth;
  Camera camera;
};

/// The scene of picture `index`. It does not know which animal will be drawn.
Scene sample_scene(std::uint64_t seed, std::uint64_t index);

}  // namespace backlight::menagerie
