#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "weights/hdf5/contents.h"

namespace backlight::hdf5 {

/// Some of a dataset's first axis; the whole dataset where that has none.
struct Rows {
  std::int64_t first = 0, count = 1;
};

/// Reads one file with the HDF5 library: in this process, or in another. One thread at a time may use any of
/// them: the library keeps its state in global variables.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual const Contents& contents() const = 0;
  /// Rows of a dataset, row-major, as float32, float64 or int64, into as many bytes. Throws Error where they
  /// cannot be read.
  virtual void read(const Object& dataset, Rows rows, Element as, std::span<std::byte> into) const = 0;
};

/// In this process. Throw Error, which begins with `where`, where the file cannot be read, is not HDF5 or is
/// truncated. A file is not locked, so that a read-only one can be read; bytes in memory are copied.
std::unique_ptr<Reader> read_here(const std::filesystem::path& path, const std::string& where);
std::unique_ptr<Reader> read_here(std::span<const std::byte> image, const std::string& where);

}  // namespace backlight::hdf5
