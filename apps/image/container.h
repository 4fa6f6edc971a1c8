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

/// Walks an image file from its header to its end, without decoding it, and so refuses early what costs much
/// or would be half a picture: one that is too large, and one that was cut short. Throws Error with the
/// reason when the file is of another format (which is named), larger than max_image_side or
/// max_image_pixels, shorter than the image in it, or damaged in a way that shows without decoding.
ImageFile inspect_image_file(std::span<const std::uint8_t> file);

}  // namespace backlight
