#pragma once

#include <filesystem>
#include <string_view>

namespace backlight {

/// A file that is written beside its target under another name and takes the target's name only when it is
/// whole: whoever looks at the target sees the old file or the new one, never half of one.
///
///   TemporaryFile file("out.h5");
///   ... write to file.path() and close it ...
///   file.commit();
///
/// Without commit(), as when an exception passes, the destructor removes what was written and the target is
/// as before.
class TemporaryFile {
 public:
  /// Creates the temporary file, empty, in the folder of `target`. A symbolic link is followed.
  /// Throws Error when the folder does not exist or cannot be written to, or when the target exists and is
  /// not a regular file, as a folder or a device is not.
  explicit TemporaryFile(const std::filesystem::path& target);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Where to write: open it for overwriting. Every handle must be closed before commit().
  const std::filesystem::path& path() const { return path_; }

  /// Renames the temporary file to the target, replacing it. Throws Error when that fails.
  void commit();

 private:
  std::filesystem::path target_, path_;
  bool committed_ = false;
};

/// Makes `bytes` the content of the file `target`, wholly or not at all. Throws Error naming the target when
/// it cannot be written, for example because the disk is full.
void write_whole_file(const std::filesystem::path& target, std::string_view bytes);

}  // namespace backlight
