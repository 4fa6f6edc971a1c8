#pragma once

#include <cstdint>
#include <span>

#include "apps/image/image.h"

namespace backlight {

/// What every format becomes: four channels of 8 bits, composited over white: (c·a + 255·(255 − a)), rounded
/// to the nearest 255th. `rgba` has 4·width·height levels.
Image composited_on_white(const std::uint8_t* rgba, int width, int height);

/// A PNG file, by libpng, which holds every chunk's checksum (CRC) and that of the compressed data
/// (Adler-32). 16-bit samples keep their upper byte. Throws Error with the reason; the sizes in the file's
/// header have been checked (apps/image/container.h).
Image decode_png(std::span<const std::uint8_t> file);

}  // namespace backlight
