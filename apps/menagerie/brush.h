#pragma once

#include <type_traits>

#include "apps/menagerie/canvas.h"
#include "apps/menagerie/noise.h"
#include "apps/menagerie/scene.h"

namespace backlight::menagerie {

/// The colour of the fur at a point of the animal.
Colour coat_colour(const Coat& coat, Vec p);

/// `base` on a round body that is turned like `normal`, in the coordinates of the frame.
inline Colour lit(const Light& light, Vec light_side, Colour base, Vec normal, float outline) {
  const float facing = std::sqrt(std::max(0.0f, 1 - dot(normal, normal)));
  const float bright = step(-0.75f, 1.0f, dot(normal, light_side) + facing * light.height);
  const float away = 1 - facing;
  const Colour shaded =
      mix(light.dim, light.bright, bright) * base + (light.rim * away * away * bright) * white;
  // A thin outline in a darker tone of the same colour, as drawn with a soft pencil.
  return (1 - outline) * shaded;
}

/// Paints shapes as fur, skin or flat colour on one layer of the canvas, in the light of the scene.
class Brush {
  /// The outline of the shape itself, in pixels.
  struct Plain {
    float scale;
    float operator()(Vec, const Surface& s) const { return scale * s.distance; }
  };

 public:
  Brush(Canvas& canvas, const Scene& scene, const Frame& frame, Layer layer)
      : canvas_(canvas),
        scene_(scene),
        frame_(frame),
        layer_(layer),
        light_(frame.direction_from_picture(scene.light.side)) {}

  const Scene& scene() const { return scene_; }

  /// Fur in the colours of the coat, or mixed `pale` towards the colour of the belly. `hair` stretches its
  /// hairs.
  template <class Shape>
  void fur(const Shape& shape, float pale = 0, float hair = 1, float shadow = 0.35f) const {
    const Coat& coat = scene_.coat;
    fur(
        shape,
        [&coat, pale](Vec p) { return pale < 1 ? mix(coat_colour(coat, p), coat.pale, pale) : coat.pale; },
        hair, shadow);
  }
  /// Fur whose colour is a function of the place.
  template <class Shape, class Tone>
  requires std::is_invocable_v<Tone, Vec>
  void fur(const Shape& shape, const Tone& tone, float hair = 1, float shadow = 0.35f) const;

  /// Smooth skin.
  template <class Shape>
  void skin(const Shape& shape, Colour colour, float shadow = 0.2f) const {
    canvas_.paint(frame_, shape, layer_,
                  {.width = 1.2f, .shadow = shadow, .shadow_reach = 0.12f * frame_.scale}, 0,
                  Plain{frame_.scale}, [&](Vec, const Surface& s, float distance) {
                    return lit(scene_.light, light_, colour, s.normal, 0.35f * step(-2.2f, 0, distance));
                  });
  }
  /// Flat colour without light or outline: the lines of a mouth, the white in an eye; fades over `soft`
  /// pixels.
  template <class Shape>
  void flat(const Shape& shape, Colour colour, float opacity = 1, float soft = 1) const {
    canvas_.paint(frame_, shape, layer_, {.width = soft, .opacity = opacity}, 0, Plain{frame_.scale},
                  [&](Vec, const Surface&, float) { return colour; });
  }
  /// A line at least as wide as a pixel can show.
  void line(const Stroke& stroke, Colour colour, float opacity = 1) const {
    flat(stroke, colour, opacity, 1.2f);
  }

 private:
  Canvas& canvas_;
  const Scene& scene_;
  Frame frame_;
  Layer layer_;
  Vec light_;
};

template <class Shape, class Tone>
requires std::is_invocable_v<Tone, Vec>
void Brush::fur(const Shape& shape, const Tone& tone, float hair, float shadow) const {
  const Coat& coat = scene_.coat;
  const Vec middle = shape.middle();
  // Noise on rays from the middle is the same along them: hairs. Slowly varied outwards they end somewhere.
  const float reach = hair * coat.length * frame_.scale;
  const auto hairs = [&](Vec p) {
    const Vec ray = p - middle;
    const float far = length(ray);
    // Near the middle they would be thinner than a pixel.
    const float fade = std::min(1.0f, far * frame_.scale / 18);
    return mix(0.5f, noise((9 / std::max(far, 0.02f) + 2.2f) * ray + coat.offset), fade);
  };
  float strand = 0.5f;  // of the pixel at hand: distance() is always called before colour()
  canvas_.paint(
      frame_, shape, layer_, {.width = 1.4f, .shadow = shadow, .shadow_reach = 0.16f * frame_.scale}, reach,
      [&](Vec p, const Surface& s) {
        const float away = frame_.scale * s.distance;
        if (away > reach + 1) return away;
        strand = hairs(p);
        return away + reach * (1 - 2 * strand);
      },
      [&](Vec p, const Surface& s, float distance) {
        const float grain = 1 + 0.34f * coat.roughness * (strand - 0.5f);
        return lit(scene_.light, light_, grain * tone(p), s.normal, 0.28f * step(-3, 1, distance));
      });
}

}  // namespace backlight::menagerie
