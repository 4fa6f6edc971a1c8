#include "apps/menagerie/canvas.h"

namespace backlight::menagerie {

Canvas::Canvas() : colours_(std::size_t(side) * side), shares_(std::size_t(side) * side) {
  for (auto& shares : shares_) shares[scenery_layer] = 1;
}

void Canvas::masks(Picture& picture) const {
  picture.animal_mask.resize(shares_.size());
  for (auto& mask : picture.part_masks) mask.resize(shares_.size());
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    float animal = shares_[i][head_layer];
    for (std::size_t part = 0; part < part_names.size(); ++part) {
      const float share = shares_[i][part];
      animal += share;
      // 1/64, so that rounding in a sum that is 1 loses no step; six of them are less than the animal's half.
      picture.part_masks[part][i] = static_cast<std::uint8_t>(std::min(255.0f, 255 * share + 1.0f / 64));
    }
    picture.animal_mask[i] = static_cast<std::uint8_t>(std::min(255.0f, 255 * animal + 0.5f));
  }
}

}  // namespace backlight::menagerie
