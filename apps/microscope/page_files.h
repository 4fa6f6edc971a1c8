#pragma once

#include <string>
#include <string_view>

namespace backlight {

/// The files of apps/microscope/page/, which are in the program.
std::string_view page_template();  // page.html, with {{title}}, {{style}}, {{script}} and {{data}}
std::string_view page_style();
std::string page_script();  // all of it, in order

}  // namespace backlight
