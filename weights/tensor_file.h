#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/shape.h"

namespace backlight {

/// A tensor to be written, "name" or in a group "group/name": its values row-major, as many as its shape has
/// elements.
struct NamedTensor {
  std::string name;
  Shape shape;
  std::variant<std::span<const float>, std::span<const std::int64_t>, std::span<const std::uint8_t>> values;
};
using Attribute = std::variant<std::string, std::vector<std::string>, std::int64_t>;

/// Writes an HDF5 file of these datasets and attributes of the root group, wholly or not at all. Bytes are
/// deflated. Throws Error where the file cannot be written or a name is none.
void write_tensors_h5(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, Attribute>& attributes = {});

/// The same for one float32 dataset and text.
void write_tensor_h5(const std::filesystem::path& path, const std::string& name, const Shape& shape,
                     std::span<const float> values,
                     const std::map<std::string, std::string>& attributes = {});

}  // namespace backlight
