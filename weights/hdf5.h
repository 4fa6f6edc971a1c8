#pragma once

// Private to weights/: the only header that names the HDF5 library. Nothing that apps/ includes may include
// it.
#ifndef H5_USE_110_API
#define H5_USE_110_API  // newer libraries offer the same functions with the arguments they had in 1.10
#endif
#include <hdf5.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/tensor.h"

namespace backlight::hdf5 {

/// Keeps the library from printing its error stack while it lives: what went wrong becomes an Error.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* client_ = nullptr;
};

/// An identifier of the library, closed at the end of its life.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle();
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

/// Throws Error, which begins with `where` and gives what the library last complained of.
[[noreturn]] void refuse_last_error(const std::string& where);

/// The result of a call to the library, which says by a negative one that it failed: then throws Error.
template <class Result>
Result checked(Result result, const std::string& where) {
  if (result < 0) refuse_last_error(where);
  return result;
}

/// How messages call a data type: "float32", "int64", "a string".
std::string describe_type(hid_t type);

/// What a dataset is made of, in either byte order. Nothing else is read. Integers are of any width, with a
/// sign or without; float16 is IEEE's, bfloat16 the upper half of a float32.
enum class Element { float16, bfloat16, float32, float64, integer };
constexpr Element element_for(Precision precision) {
  return precision == Precision::float32 ? Element::float32 : Element::float64;
}
/// "float32".
std::string to_string(Element element);

/// A dataset of a file that is open for reading: its shape, its type and how it is stored have been checked,
/// so that as much memory as the shape asks for may be allocated.
class Dataset {
 public:
  /// Takes over an opened object. Throws Error, which begins with `where`, where it is no dataset; its
  /// elements are none of Element; it is empty; its data are virtual, in another file, behind a filter that
  /// the HDF5 library has not, or fewer than its shape declares.
  Dataset(Handle object, std::string where);

  const Shape& shape() const { return shape_; }
  Element element() const { return element_; }
  /// "W.h5: dataset 'conv1.weight'": how messages begin.
  const std::string& where() const { return where_; }

  /// Reads all elements, row-major, into as many places. T is float or double for the floating-point types,
  /// converted, and std::int64_t for integers, of which one beyond its range becomes its end. Throws Error
  /// where the dataset has another type or size, or cannot be read.
  template <class T>
  void read(std::span<T> into) const;
  template <class T>
  std::vector<T> read() const {
    std::vector<T> values(static_cast<std::size_t>(shape_.elements()));
    read(std::span<T>(values));
    return values;
  }

 private:
  Handle object_;
  std::string where_;
  Shape shape_;
  Element element_;
};

/// A group of a file that is open for reading. The file stays open as long as one of its groups or datasets.
class Group {
 public:
  /// The names in the group, in alphabetical order.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const;
  bool is_group(const std::string& name) const;
  /// Throw Error where there is none of that name, it is of another kind, or the name is a link elsewhere
  /// (soft, external) or one of two names of the same object.
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
  Group(Handle object, std::string file, std::string path);
  Handle open(const std::string& name) const;

  Handle object_;
  std::string file_, path_;  // "W.h5"; "" or "gradients/"
};

/// The root group of an HDF5 file. Throws Error where there is no such file, it is a folder, it cannot be
/// read, or it is not HDF5 or is truncated. The file is not locked, so that a read-only one can be read.
Group open_file(const std::filesystem::path& path);
/// The same of a file's bytes in memory, which messages call `name`. They are copied.
Group open_image(std::span<const std::byte> image, const std::string& name);

}  // namespace backlight::hdf5
