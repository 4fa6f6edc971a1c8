#pragma once

#include <vector>

#include "apps/image/image.h"

namespace backlight {

/// Each pixel as a square of factor x factor.
Image enlarge(const Image& image, int factor);

/// enlarge() by the smallest factor that makes the shorter side at least `side`; the image itself when it is.
Image enlarge_to(const Image& image, int side);

/// Pictures in rows and columns on white, each at the top and in the middle of its cell, `margin` pixels
/// apart and around.
Image montage(const std::vector<std::vector<Image>>& rows, int margin = 8);

}  // namespace backlight
