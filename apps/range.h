#pragma once

#include <string>

namespace backlight {

/// "1 to 100000": how help, refusals and checkpoints write what a number may be.
std::string range_text(double low, double high);

}  // namespace backlight
