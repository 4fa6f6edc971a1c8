#pragma once

#include <cstdint>
#include <functional>

namespace backlight {

/// Takes a picture as it is decoded: once for each row from top to bottom, with its levels, width x 3. So a
/// picture that is made smaller need never be held whole.
using Row = std::function<void(const std::uint8_t* rgb)>;

/// A row of four channels over white: (c·a + 255·(255 − a)), rounded to the nearest 255th.
void composite_on_white(const std::uint8_t* rgba, int width, std::uint8_t* rgb);

}  // namespace backlight
