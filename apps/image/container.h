#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace backlight {

/// What an image file says of itself.
struct ImageFile {
  std::string_view format;  // "PNG", "JPEG" or "BMP"
  int width = 0, height = 0;
  std::span<const std::uint8_t> exif;  // the EXIF data in it (a TIFF structure), empty when there is none
};

/// Walks an image file from its header to its end, without decoding it, and so refuses what the decoder,
/// which trusts its input, would not: an image that is too large, a BMP that was cut short (its missing rows
/// would be black) and a JPEG with more Huffman codes than there are symbols (they would be written beyond a
/// table). Throws Error with the reason when the file is of another format, larger than max_image_side or
/// max_image_pixels, shorter than the image in it, or damaged in a way that shows without decoding.
ImageFile inspect_image_file(std::span<const std::uint8_t> file);

}  // namespace backlight
