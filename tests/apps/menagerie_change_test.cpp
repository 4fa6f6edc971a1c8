// A part of an animal that is left out or swapped changes nothing else.
#include <doctest/doctest.h>

#include <algorithm>

#include "apps/menagerie/scene.h"
#include "tests/apps/menagerie_fixtures.h"

using namespace backlight;
using namespace backlight::menagerie;
using namespace backlight::test;

namespace {

/// How far a part may act beyond its own pixels: the shadow that it casts on what is behind, and blur.
constexpr int reach = 8;

/// Whether a pixel within reach shows the part, before or after.
bool near_part(const Picture& before, const Picture& after, std::size_t part, int x, int y) {
  for (int v = std::max(y - reach, 0); v <= std::min(y + reach, side - 1); ++v)
    for (int u = std::max(x - reach, 0); u <= std::min(x + reach, side - 1); ++u) {
      const auto i = static_cast<std::size_t>(v * side + u);
      if (before.part_masks[part][i] || after.part_masks[part][i]) return true;
    }
  return false;
}

bool shown(const std::vector<std::uint8_t>& mask) {
  return std::ranges::any_of(mask, [](std::uint8_t share) { return share > 0; });
}

bool same_pixel(const Picture& a, const Picture& b, int x, int y) {
  const auto i = static_cast<std::size_t>(y * side + x);
  return std::equal(a.image.at(x, y), a.image.at(x, y) + 3, b.image.at(x, y)) &&
         a.animal_mask[i] == b.animal_mask[i];
}

/// The pixels that the change alters, near the part and elsewhere.
struct Altered {
  int near = 0, elsewhere = 0;
};

/// Pictures with nothing in front of the animal: a part behind an object still casts a shadow beside it, of
/// which the masks do not tell.
std::vector<std::uint64_t> unobstructed(std::uint64_t seed, std::size_t count) {
  std::vector<std::uint64_t> indices;
  for (std::uint64_t index = 0; indices.size() < count; ++index)
    if (sample_scene(seed, index).in_front.empty()) indices.push_back(index);
  return indices;
}

Altered altered(const Picture& before, const Picture& after, Part part) {
  Altered result;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      if (!same_pixel(before, after, x, y))
        ++(near_part(before, after, static_cast<std::size_t>(part), x, y) ? result.near : result.elsewhere);
  return result;
}

}  // namespace

TEST_CASE("Menagerie without a part is the same picture elsewhere") {
  for (const std::uint64_t index : unobstructed(5, 10)) {
    const Picture whole = render(5, index);
    for (std::size_t p = 0; p < part_names.size(); ++p) {
      CAPTURE(index);
      CAPTURE(part_names[p]);
      const Picture without = render(5, index, Change{static_cast<Part>(p)});
      CHECK(!shown(without.part_masks[p]));
      const Altered pixels = altered(whole, without, static_cast<Part>(p));
      CHECK(pixels.elsewhere == 0);
      CHECK((pixels.near > 0) == shown(whole.part_masks[p]));
      CHECK(without.animal == whole.animal);
    }
  }
}

TEST_CASE("Menagerie with another animal's part is the same picture elsewhere") {
  for (const std::uint64_t index : unobstructed(6, 6)) {
    const Picture whole = render(6, index);
    for (std::size_t p = 0; p < part_names.size(); ++p)
      for (std::size_t a = 0; a < animal_names.size(); ++a) {
        CAPTURE(index);
        CAPTURE(part_names[p]);
        CAPTURE(animal_names[a]);
        const Picture swapped = render(6, index, Change{static_cast<Part>(p), static_cast<Animal>(a)});
        const Altered pixels = altered(whole, swapped, static_cast<Part>(p));
        CHECK(pixels.elsewhere == 0);
        if (static_cast<Animal>(a) == whole.animal) CHECK(pixels.near == 0);
      }
  }
}
