#pragma once

#include <string>
#include <string_view>

#include "apps/image/image.h"

// Words of HTML.

namespace backlight {

/// RFC 4648, §4, with padding.
std::string base64(std::string_view bytes);

/// <img> that holds the picture itself, as a PNG in a data: address, with the text for who cannot see it.
std::string img(const Image& image, std::string_view alternative);

/// What stands for itself in HTML, also within quotes.
std::string escaped(std::string_view text);

}  // namespace backlight
