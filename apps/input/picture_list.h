#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace backlight {

/// The pictures that a command is about, none of them read yet.
struct PictureList {
  std::vector<std::string> paths;
  bool several = false;  // more than one, or a folder or a list, which may hold one
};

/// What stands for standard input, and as an output for standard output.
constexpr const char* standard_stream = "-";

/// Takes files as they are; of a folder the pictures that lie in it, by name; of @LIST the paths that the
/// file holds, a line each, relative to the current folder. Throws Error where a folder or a list cannot be
/// read or holds none, UsageError where standard input is not alone.
PictureList list_pictures(const std::vector<std::string>& given);

/// The files of a folder that are called as pictures are (.png, .jpg, .jpeg, .bmp, in capitals too), by name,
/// but for hidden ones. Throws Error where it cannot be read.
std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& folder);
/// What a folder holds, by name, but for hidden things. Throws Error where it cannot be read.
std::vector<std::filesystem::path> listed(const std::filesystem::path& folder);

}  // namespace backlight
