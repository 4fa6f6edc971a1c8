#pragma once

// Private to weights/, as hdf5.h is.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/hdf5/file.h"
#include "weights/verification/dump_tensor.h"

namespace backlight {

/// Where a dump that is open keeps a tensor: in a dataset, or in a group that holds a sample of its elements:
/// `shape` and `index` (integers) and `value`.
class DumpEntry {
 public:
  /// Throws Error where there is none of that name, or its parts do not fit each other.
  DumpEntry(const hdf5::Group& group, const std::string& name);

  /// Of the whole tensor.
  const Shape& shape() const { return shape_; }
  bool whole() const { return !index_; }
  hdf5::Element element() const { return value_.element(); }
  /// How messages begin.
  const std::string& where() const { return value_.where(); }
  /// Throws Error where the data cannot be read, hold NaN or infinity, or the indices do not ascend within
  /// the shape.
  DumpTensor read() const;

 private:
  hdf5::Dataset value_;
  std::optional<hdf5::Dataset> index_;
  Shape shape_;
};

/// Throws Error where the tensors under the root together declare far more than the file can hold: what is
/// read of a dump is allocated, and a file of zeros, deflated, declares a thousand times its size.
void expect_plausible_size(const hdf5::Group& root, const std::filesystem::path& path);

/// Throw Error where the group holds anything but these names, and where a shape is another than expected.
void expect_only(const hdf5::Group& group, const std::vector<std::string>& allowed);
void expect_shape(const std::string& where, const Shape& expected, const Shape& found);

}  // namespace backlight
