#pragma once

#include <cstdint>
#include <span>

#include "apps/image/rows.h"

namespace backlight {

/// A BMP file, by stb_image. The fourth byte of a pixel is alpha only where the header has a mask for it:
/// without bit fields it means nothing. Throws Error with the reason.
void decode_bmp(std::span<const std::uint8_t> file, int width, int height, const Row& row);

}  // namespace backlight
