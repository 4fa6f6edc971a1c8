#pragma once

#include <cstdint>
#include <span>

#include "apps/image/rows.h"

namespace backlight {

/// A JPEG file, by libjpeg (as Pillow decodes it, and so PyTorch's users): baseline, progressive or
/// arithmetic coding; grey, YCbCr, RGB, CMYK or YCCK. Four components count as stored inverted (255 − ink),
/// as nearly all programs write them, with Adobe's segment or without: R = C·K/255 of the stored values.
/// Bytes that are no image data and restart markers where none belong are passed over; missing or damaged
/// data are not. Throws Error with the reason, also where the file has another size.
void decode_jpeg(std::span<const std::uint8_t> file, int width, int height, const Row& row);

}  // namespace backlight
