#include "apps/evaluation/sample.h"

#include <algorithm>

#include "engine/error.h"

namespace backlight {
namespace {

/// The mask goes the way of the picture, as a grey one.
Mask prepared(const Model& model, const std::vector<std::uint8_t>& mask) {
  Image grey(menagerie::side, menagerie::side);
  for (std::size_t i = 0; i < mask.size(); ++i) std::fill_n(grey.pixels.begin() + 3 * i, 3, mask[i]);
  const Image seen = model.prepare(grey);
  Mask result;
  for (std::size_t i = 0; i < seen.pixels.size(); i += 3)
    result.push_back(static_cast<float>(seen.pixels[i]) / 255);
  return result;
}

}  // namespace

Mask Sample::any_part() const {
  Mask sum(animal.size());
  for (const Mask& part : parts) std::ranges::transform(sum, part, sum.begin(), std::plus<>());
  return sum;
}

Samples::Samples(const Model& model, std::uint64_t seed) : model_(model), seed_(seed) {
  try {
    std::ranges::transform(menagerie::animal_names, classes_.begin(),
                           [&](std::string_view name) { return model.class_index(name); });
  } catch (const UsageError& error) {
    throw UsageError("the network must know Menagerie's five animals: " + std::string(error.what()));
  }
}

Sample Samples::at(std::uint64_t index) const {
  const menagerie::Picture drawn = menagerie::render(seed_, index);
  Sample sample{index,
                model_.prepare(drawn.image),
                classes_[static_cast<std::size_t>(drawn.animal)],
                prepared(model_, drawn.animal_mask),
                {}};
  std::ranges::transform(drawn.part_masks, sample.parts.begin(),
                         [&](const auto& mask) { return prepared(model_, mask); });
  return sample;
}

Image Samples::without(menagerie::Part part, std::uint64_t index) const {
  return model_.prepare(menagerie::render(seed_, index, menagerie::Change{part}).image);
}

}  // namespace backlight
