#pragma once

#include <string>
#include <string_view>

namespace backlight {

/// Whether the bytes are UTF-8 (RFC 3629) without control characters other than tab and newline, so that
/// messages and JSON can carry them.
bool is_text(std::string_view bytes);

/// A name as it may stand in a message of one line, or in a file that holds text: control characters and
/// bytes that are no UTF-8 become question marks.
std::string printable(std::string_view name);

}  // namespace backlight
