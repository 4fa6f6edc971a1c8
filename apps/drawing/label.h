#pragma once

#include <string_view>

#include "apps/image/image.h"

namespace backlight {

/// The picture with `text` below it, black on white, wrapped to the picture's width; a line feed ends a line.
/// `scale` is the size of a dot: capitals are 7 * scale pixels high. Characters outside ASCII are drawn as
/// question marks.
Image label(const Image& image, std::string_view text, int scale = 2);

}  // namespace backlight
