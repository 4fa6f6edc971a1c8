#pragma once

#include <span>

namespace backlight {

/// The pointing game of Zhang et al. 2016 (arXiv 1608.00507), without its margin of 15 pixels: 1 where the
/// map's maximum lies on the object, else 0. Where several pixels share the maximum: the share of them that
/// do, which is the chance to hit with any one. A pixel belongs to the object where the mask, the share of it
/// that shows the object, is at least 0.5.
double pointing_game(std::span<const float> map, std::span<const float> mask);

}  // namespace backlight
