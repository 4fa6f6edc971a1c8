#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "apps/image/image.h"

// Menagerie: drawn pictures of five animals whose parts are known, after the idea of FunnyBirds (Hesse,
// Schaub-Meyer & Roth 2023, arXiv 2308.06248): what a map of importance says can be held against what is
// true.

namespace backlight::menagerie {

/// In alphabetical order: the value is the class index.
enum class Animal : int { bear, cat, dog, monkey, rabbit };
constexpr std::array<std::string_view, 5> animal_names{"bear", "cat", "dog", "monkey", "rabbit"};

/// The parts in which the animals differ. What is left, a round head, is the same for all.
enum class Part : int { ears, muzzle, eyes, whiskers, body, tail };
constexpr std::array<std::string_view, 6> part_names{"ears", "muzzle", "eyes", "whiskers", "body", "tail"};

/// Throw UsageError, with the names there are, for another name.
Animal animal_from_name(std::string_view name);
Part part_from_name(std::string_view name);

/// One part that is left out of a scene, or drawn as another animal has it. All else stays as it is.
struct Change {
  Part part;
  std::optional<Animal> as = {};  // nothing: the part is removed
};

/// Pictures are square.
constexpr int side = 128;

struct Picture {
  Image image;  // side × side
  Animal animal;
  /// How much of each pixel shows the animal, 0 … 255, row by row; occluders in front of it are left out.
  std::vector<std::uint8_t> animal_mask;
  /// The same for each part, by Part; what another part covers does not count. Their sum is at most
  /// animal_mask.
  std::array<std::vector<std::uint8_t>, part_names.size()> part_masks;
};

/// The picture `index` of the world `seed`: its animal is index mod 5; pose, size, fur, light, background,
/// objects, occluders, blur and noise are drawn at random and do not depend on the animal. The same bytes on
/// every machine: only
/// +, −, ×, / and √ are used, which IEEE 754 defines to the last bit. Safe to call from many threads.
Picture render(std::uint64_t seed, std::uint64_t index, const std::optional<Change>& change = {});

}  // namespace backlight::menagerie
