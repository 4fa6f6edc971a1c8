#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "engine/shape.h"

namespace backlight {

/// Writes an HDF5 file of one float32 dataset `name` of that shape, row-major, and text attributes of the
/// root group, wholly or not at all. Throws Error where the file cannot be written or the name is none.
void write_tensor_h5(const std::filesystem::path& path, const std::string& name, const Shape& shape,
                     std::span<const float> values,
                     const std::map<std::string, std::string>& attributes = {});

}  // namespace backlight
