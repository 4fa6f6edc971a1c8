#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace backlight {

/// Writes a NumPy array file, version 1.0: float32, the last axis innermost. `values` holds as many floats as
/// the product of `shape`. Whole or not at all: throws Error naming the file when it cannot be written. The
/// format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
void write_npy(const std::filesystem::path& path, const std::vector<std::int64_t>& shape,
               const float* values);

}  // namespace backlight
