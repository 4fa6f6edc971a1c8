#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "apps/menagerie/menagerie.h"
#include "apps/model.h"

namespace backlight {

/// The share of each pixel that shows something, 0 … 1: size,size.
using Mask = std::vector<float>;

/// A picture of Menagerie and its truth as a network sees them: all resized and cropped as the network wants
/// pictures.
struct Sample {
  std::uint64_t index;
  Image picture;
  int target;  // the network's class of the animal
  Mask animal;
  std::array<Mask, menagerie::part_names.size()> parts;

  /// All six parts together. What is left of the animal, the round head, is the same for every class.
  Mask any_part() const;
};

/// The pictures of the world `seed`, for one network.
class Samples {
 public:
  /// Throws UsageError where the network has not a class of the name of each animal.
  Samples(const Model& model, std::uint64_t seed);

  Sample at(std::uint64_t index) const;
  /// The picture of a sample, drawn without that part.
  Image without(menagerie::Part part, std::uint64_t index) const;

 private:
  const Model& model_;
  std::uint64_t seed_;
  std::array<int, menagerie::animal_names.size()> classes_;
};

}  // namespace backlight
