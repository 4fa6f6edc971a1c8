#pragma once

#include <functional>

#include "apps/image/resize.h"

namespace backlight {

/// How a photograph of some size, upright, is to be framed.
using Frame = std::function<Framing(int width, int height)>;

/// A photograph that was made as small as it is needed while it was decoded.
struct Photo {
  Framing framing;
  Image resized;

  Image cropped() const { return crop(resized, framing.left, framing.top, framing.crop, framing.crop); }
};

/// The same pixels as resize(load_image(path), …), and the same errors. What is held of a picture that is
/// stored upright in rows (all but turned, interlaced and progressive ones, and BMP) is its file and its
/// rows made narrower, never the whole of it.
Photo load_photo(const std::filesystem::path& path, const Frame& frame);

/// The same from a file's bytes. Throws Error with the reason alone.
Photo decode_photo(std::span<const std::uint8_t> file, const Frame& frame);

}  // namespace backlight
