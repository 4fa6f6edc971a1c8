#pragma once

#include <cstdint>
#include <span>

#include "apps/image/rows.h"

namespace backlight {

/// A PNG file, by libpng, which holds every chunk's checksum (CRC) and that of the compressed data
/// (Adler-32). 16-bit samples keep their upper byte. Throws Error with the reason, also where the file has
/// another size.
void decode_png(std::span<const std::uint8_t> file, int width, int height, const Row& row);

}  // namespace backlight
