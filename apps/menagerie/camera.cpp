#include "apps/menagerie/random.h"
#include "apps/menagerie/scenery.h"

namespace backlight::menagerie {
namespace {

using Pixels = std::vector<Colour>;

Colour& at(Pixels& pixels, int x, int y) { return pixels[static_cast<std::size_t>(y * side + x)]; }

/// One pass of 1-2-1 along rows and columns; `amount` below 1 does a part of it.
void blur(Pixels& pixels, float amount) {
  const float outer = amount / 4, inner = 1 - 2 * outer;
  std::array<Colour, side> line;
  const auto filter = [&](auto&& place) {
    for (int i = 0; i < side; ++i) line[static_cast<std::size_t>(i)] = place(i);
    for (int i = 0; i < side; ++i) {
      const auto before = static_cast<std::size_t>(std::max(i - 1, 0));
      const auto after = static_cast<std::size_t>(std::min(i + 1, side - 1));
      place(i) = outer * (line[before] + line[after]) + inner * line[static_cast<std::size_t>(i)];
    }
  };
  for (int y = 0; y < side; ++y) filter([&](int x) -> Colour& { return at(pixels, x, y); });
  for (int x = 0; x < side; ++x) filter([&](int y) -> Colour& { return at(pixels, x, y); });
}

/// Nearly Gaussian, of mean 0 and standard deviation 1: the sum of the four 16-bit numbers in 64 random bits.
float bell(std::uint64_t bits) {
  const auto sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
  return (static_cast<float>(sum) - 2 * 65535) * (1.7320508f / 65536);
}

}  // namespace

Image photograph(const Canvas& canvas, const Camera& camera) {
  Pixels pixels(std::size_t(side) * side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) at(pixels, x, y) = canvas.colour(x, y);
  for (float left = camera.blur; left > 0; left -= 1) blur(pixels, std::min(left, 1.0f));

  Image image(side, side);
  const Colour cast = camera.exposure * Colour{1 + camera.warmth, 1, 1 - camera.warmth};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const Vec off{static_cast<float>(x) / (side / 2) - 1, static_cast<float>(y) / (side / 2) - 1};
      const Colour c = (1 - camera.vignette * 0.5f * dot(off, off)) * (cast * at(pixels, x, y));
      std::uint8_t* out = image.at(x, y);
      auto number = static_cast<std::uint64_t>(3 * (y * side + x));
      for (const float channel : {c.r, c.g, c.b}) {
        const float value = 0.5f + camera.contrast * (channel - 0.5f) +
                            camera.noise * bell(scramble(camera.noise_seed ^ number++));
        *out++ = static_cast<std::uint8_t>(255 * clamp01(value) + 0.5f);
      }
    }
  return image;
}

}  // namespace backlight::menagerie
