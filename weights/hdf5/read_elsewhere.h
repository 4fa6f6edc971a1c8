#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "weights/hdf5/reader.h"

namespace backlight::hdf5 {

/// Whether there is a ReaderProcess.
bool can_read_elsewhere();
/// As read_here, in a process of its own. Error, which begins with `where`, is thrown as well where that
/// process ends: then the file is damaged.
std::unique_ptr<Reader> read_elsewhere(const std::filesystem::path& path, const std::string& where);

}  // namespace backlight::hdf5
