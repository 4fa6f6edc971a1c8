#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "weights/hdf5/reader.h"

namespace backlight::hdf5 {

/// A file, or one's bytes in memory, that is open for reading: by the library, and past it.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path);
  OpenFile(std::span<const std::byte> image, std::string name);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  const std::string& name() const { return name_; }
  const Contents& contents() const { return reader_->contents(); }
  const Reader& reader() const { return *reader_; }
  /// The file's bytes from an offset on. Throws Error, which begins with `where`, where they end too soon.
  void read_bytes(std::uint64_t offset, std::span<std::byte> into, const std::string& where) const;

 private:
  std::string name_;  // as messages call it
  int descriptor_ = -1;
  std::span<const std::byte> image_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace backlight::hdf5
