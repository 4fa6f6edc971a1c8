#pragma once

#include <cstdint>
#include <span>

#include "apps/image/image.h"

namespace backlight {

/// The orientation, 1 to 8, in EXIF data (a TIFF structure). 1, upright, when it has none or cannot be read.
int exif_orientation(std::span<const std::uint8_t> exif);

/// The upright image of one that was stored with the EXIF orientation 1 to 8 (Exif 2.32, tag 0x0112).
Image upright(const Image& stored, int orientation);

}  // namespace backlight
