#pragma once

#include <vector>

#include "apps/image/image.h"
#include "apps/menagerie/random.h"

namespace backlight {

/// What one picture shows, seen a little differently: a square of 60 to 100 % of its shorter side, anywhere
/// in it, resized to `size`; mirrored half of the time; brightness and contrast changed by up to 15 %.
/// 3,size,size in grey levels 0 … 255. (Random resized crop, flip and colour jitter: Szegedy et al. 2014,
/// arXiv 1409.4842, §6, and what the frameworks' recipes make of it.)
std::vector<float> augment(const Image& image, int size, menagerie::Random& random);

}  // namespace backlight
