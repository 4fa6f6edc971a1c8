#pragma once

// Private to weights/: HDF5 files as the formats see them. Nothing that apps/ includes may include it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/tensor.h"
#include "weights/hdf5/contents.h"

namespace backlight::hdf5 {

class OpenFile;

constexpr Element element_for(Precision precision) {
  return precision == Precision::float32 ? Element::float32 : Element::float64;
}
/// "float32".
std::string to_string(Element element);

/// A dataset of a file that is open for reading: its shape, its type and how it is stored have been checked
/// (inspect_dataset), so that as much memory as the shape asks for may be allocated.
class Dataset {
 public:
  const Shape& shape() const;
  Element element() const;
  /// "W.h5: dataset 'conv1.weight'": how messages begin.
  const std::string& where() const { return where_; }

  /// Reads all elements, row-major, into as many places. T is float or double for the floating-point types,
  /// converted, and std::int64_t for the integers. Throws Error where the dataset has another type or size,
  /// or cannot be read.
  template <class T>
  void read(std::span<T> into) const;
  template <class T>
  std::vector<T> read() const {
    std::vector<T> values(static_cast<std::size_t>(shape().elements()));
    read(std::span<T>(values));
    return values;
  }

 private:
  friend class Group;
  Dataset(std::shared_ptr<const OpenFile> file, const Object& object, std::string where)
      : file_(std::move(file)), object_(&object), where_(std::move(where)) {}

  std::shared_ptr<const OpenFile> file_;
  const Object* object_;
  std::string where_;
};

/// A group of a file that is open for reading. The file stays open as long as one of its groups or datasets.
class Group {
 public:
  /// The names in the group, in alphabetical order.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const;
  bool is_group(const std::string& name) const;
  /// Throw Error where there is none of that name, it is of another kind, the name is a link elsewhere (soft,
  /// external) or one of two names of the same object, or a dataset is none that can be read.
  Group group(const std::string& name) const;
  Dataset dataset(const std::string& name) const;

  /// Attributes. Throw Error where there is none of that name or it has another type or size. Text is UTF-8
  /// without control characters other than tab and newline.
  bool has_attribute(const std::string& attribute) const;
  std::string text(const std::string& attribute) const;
  std::vector<std::string> texts(const std::string& attribute) const;
  std::int64_t integer(const std::string& attribute) const;
  double number(const std::string& attribute) const;
  std::array<double, 3> triple(const std::string& attribute) const;
  /// Throws Error unless the attributes `format` and `version` are these.
  void expect_format(const std::string& format, std::int64_t version) const;

  /// "W.h5" for the root, "W.h5: group 'gradients'" for others: how messages begin.
  std::string where() const;

 private:
  friend Group open_file(const std::filesystem::path& path);
  friend Group open_image(std::span<const std::byte> image, const std::string& name);
  explicit Group(std::shared_ptr<const OpenFile> file);
  Group(std::shared_ptr<const OpenFile> file, const Object& object)
      : file_(std::move(file)), object_(&object) {}
  const Object& member(const std::string& name) const;
  template <class T>
  std::vector<T> values(const std::string& attribute, const std::string& expected) const;

  std::shared_ptr<const OpenFile> file_;
  const Object* object_;
};

/// The root group of an HDF5 file. Throws Error where there is no such file, it is a folder, it cannot be
/// read, or it is not HDF5 or is truncated.
Group open_file(const std::filesystem::path& path);
/// The same of a file's bytes in memory, which messages call `name`. They must stay where they are.
Group open_image(std::span<const std::byte> image, const std::string& name);

}  // namespace backlight::hdf5
