#pragma once

#include <filesystem>
#include <string_view>

namespace backlight {

/// write_whole_file; or to standard output, where the path is "-". Throws Error where that cannot be written.
void write_output(const std::filesystem::path& path, std::string_view bytes);

}  // namespace backlight
