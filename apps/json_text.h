#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace backlight {

/// One JSON value; null where the text is none, or is nested deeper than 100: what walks it, recurses.
nlohmann::json parse_json(std::string_view text);
/// Indented, without a newline at the end. Bytes that are no UTF-8, as a file's name may have, become U+FFFD.
std::string json_text(const nlohmann::json& value);
/// The same in one line.
std::string json_line(const nlohmann::json& value);
/// Prints it, indented, on standard output, and a newline.
void print_json(const nlohmann::json& value);

}  // namespace backlight
