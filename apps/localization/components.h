#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace backlight {

/// The largest 8-connected component of a mask's pixels that are not 0: 255 there, 0 elsewhere. Of several
/// equally large ones, the first in reading order. `mask` is row by row, `width` wide.
std::vector<std::uint8_t> largest_component(std::span<const std::uint8_t> mask, int width);

}  // namespace backlight
