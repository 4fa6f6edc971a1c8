#include "apps/menagerie/noise.h"
#include "apps/menagerie/scenery.h"

namespace backlight::menagerie {
namespace {

/// A disc in each unit square, its place and size random by `jitter`: 1 in the middle of the nearest, 0
/// outside, and its edge that soft.
float disc(Vec p, float jitter, float softness) {
  const Vec cell{std::floor(p.x), std::floor(p.y)}, random = noise_grid.pair(cell);
  const Vec middle{0.5f + 0.5f * jitter * (random.x - 0.5f), 0.5f + 0.5f * jitter * (random.y - 0.5f)};
  const float radius = 0.25f * (1 + 0.9f * jitter * (random.x + random.y - 1));
  return 1 - step(radius - softness, radius, length(p - cell - middle));
}

/// The colour at p, in pixels; y from 0 to 1 is `down`.
Colour backdrop(const Background& b, Vec p) {
  const float down = p.y / side;
  const Colour sky = mix(b.top, b.bottom, down);
  const Vec place = (b.frequency / 16) * b.direction(p) + b.offset;
  switch (b.kind) {
    case Backdrop::gradient: {
      const float across = b.direction(p - Vec{64, 64}).y / 180 + 0.5f;
      return mix(b.top, b.bottom, step(0, 1, across));
    }
    case Backdrop::meadow: {
      const float high = step(0.75f, 0.2f, down);
      if (high <= 0) return sky;
      const float clouds = cloud({0.02f * p.x + b.offset.x, 0.05f * p.y + b.offset.y}, 3);
      return mix(sky, white, b.contrast * high * step(0.5f, 0.75f, clouds));
    }
    case Backdrop::stripes:
      return mix(sky, b.accent, b.contrast * step(0.42f, 0.58f, wave(place.x)));
    case Backdrop::bokeh: {
      float light = 0;
      for (const float scale : {0.4f, 0.75f})
        light += 0.5f * disc(scale * place + Vec{11 * scale, 5 * scale}, 1, 0.12f);
      return mix(0.85f * sky, mix(b.accent, white, 0.3f), b.contrast * light);
    }
    case Backdrop::checks: {
      const float x = step(0.4f, 0.6f, wave(0.7f * place.x)), y = step(0.4f, 0.6f, wave(0.7f * place.y));
      return mix(sky, b.accent, b.contrast * 0.5f * (x + y));
    }
    case Backdrop::dots:
      return mix(sky, b.accent, b.contrast * disc(place, 0, 0.1f));
    case Backdrop::cloth: {
      const float weave = cloud(0.5f * place, 4);
      return mix(sky, b.accent, b.contrast * step(0.25f, 0.75f, weave));
    }
    case Backdrop::night: {
      const float star = disc(1.4f * place, 1, 0.3f);
      return 0.4f * sky + (0.9f * b.contrast * star * star * star) * cream;
    }
  }
  return sky;
}

/// Whether grass grows there; else the ground is a floor.
bool grows(const Background& b) { return b.kind == Backdrop::meadow || b.kind == Backdrop::night; }

/// How far p lies below the upper edge of the ground, pixels.
float depth(const Background& b, Vec p) {
  if (!grows(b)) return p.y - b.floor;
  const float hills = 14 * (noise({0.025f * p.x + b.offset.x, b.offset.y}) - 0.5f);
  const float blades = 5 * noise({0.7f * p.x + b.offset.x, 0.05f * p.y});
  return p.y - b.floor - hills + blades;
}

Colour ground(const Background& b, Vec p, float below) {
  const float texture = grows(b) ? noise({0.55f * p.x + b.offset.x, 0.16f * p.y})
                                 : cloud({0.03f * p.x, 0.25f * p.y + b.offset.y}, 2);
  const float light = b.kind == Backdrop::night ? 0.5f : 1.0f;
  return light * (0.82f + below / 300 + 0.22f * texture) * b.ground;
}

}  // namespace

void paint_background(Canvas& canvas, const Scene& scene) {
  const Background& b = scene.background;
  const bool grounded = b.has_floor || b.kind == Backdrop::meadow;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const Vec p{static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f};
      const float below = grounded ? depth(b, p) : -1, share = clamp01(below + 0.5f);
      Colour colour;
      if (share < 1) colour = backdrop(b, p);
      if (share > 0) colour = mix(colour, ground(b, p, below), share);
      canvas.colour(x, y) = (0.98f + 0.04f * noise(0.6f * p + b.offset)) * colour;
    }
  // The animal's shadow: an ellipse at its feet, of the same size for every animal.
  const float size = scene.pose.size;
  const Vec feet = scene.pose.head + size * Vec{-1.2f * scene.light.side.x, 2.95f};
  canvas.paint(
      Frame{}, Ellipse{feet, {1.5f * size, 0.35f * size}}, scenery_layer,
      {.width = 0.8f * size, .opacity = b.shadow}, 0, [](Vec, const Surface& s) { return s.distance; },
      [](Vec, const Surface&, float) { return Colour{}; });
}

}  // namespace backlight::menagerie
