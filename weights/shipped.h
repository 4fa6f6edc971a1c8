#pragma once

#include <cstddef>
#include <span>

namespace backlight {

/// The file weights/custom_cnn.h5, which is part of the program: a network that Backlight trained itself.
std::span<const std::byte> shipped_weights();

}  // namespace backlight
