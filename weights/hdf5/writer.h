#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/shape.h"
#include "weights/hdf5/library.h"

namespace backlight::hdf5 {

/// Puts an HDF5 file together in memory and then on disk, wholly or not at all. Not straight on disk, because
/// when that is full the library (1.10.8) loses its state and crashes the process at its end.
/// The same calls give the same bytes: no times are stored.
class Writer {
 public:
  Writer();

  // Attributes of the root group.
  void attribute(const std::string& name, const std::string& text);
  void attribute(const std::string& name, const std::vector<std::string>& texts);
  void attribute(const std::string& name, std::int64_t number);
  void attribute(const std::string& name, std::span<const double> numbers);
  /// A group in the root group: datasets in it are called "group/name".
  void group(const std::string& name);
  /// A dataset in the root group or a group, little-endian. Floats and integers are contiguous; bytes, as of
  /// pictures, are deflated, one chunk for each index of the first axis. Throws Error where the name cannot
  /// be one or is taken. `values` has as many elements as the shape.
  void dataset(const std::string& name, const Shape& shape, std::span<const float> values);
  void dataset(const std::string& name, const Shape& shape, std::span<const double> values);
  void dataset(const std::string& name, const Shape& shape, std::span<const std::int64_t> values);
  void dataset(const std::string& name, const Shape& shape, std::span<const std::uint8_t> values);

  /// Makes it the file `path`. Throws Error, and leaves `path` as it was, where that cannot be written.
  void save(const std::filesystem::path& path);

 private:
  void write_attribute(const std::string& name, hid_t type, hid_t memory_type, const Handle& space,
                       const void* values);
  void write_dataset(const std::string& name, hid_t type, hid_t memory_type, const Shape& shape,
                     const void* values, bool deflated = false);

  Quiet quiet_;
  Handle file_;
};

}  // namespace backlight::hdf5
