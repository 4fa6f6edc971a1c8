#pragma once

#include <filesystem>
#include <string_view>

namespace backlight {

/// Whether a file must be on the disk, not only in the system's memory, before it takes its name.
enum class Synced { yes, no };

/// Makes `bytes` the content of the file `target`, wholly or not at all: whoever looks at it sees the old
/// file or the new one, whenever the program ends. The bytes are written to a file without a name in the same
/// folder (O_TMPFILE; where the file system has none, under a name that begins with ".backlight-"), synced,
/// and put in the target's place: where something is there by a second name and renaming. Links are followed,
/// and the mode of a file that is there stays. Throws Error naming the target where it cannot be written:
/// there is no such folder, the disk is full, the target is read-only or no regular file, as a folder or a
/// device.
void write_whole_file(const std::filesystem::path& target, std::string_view bytes,
                      Synced synced = Synced::yes);

/// Throws Error where write_whole_file would, as far as can be known before: for commands whose work is long.
void expect_writable(const std::filesystem::path& target);

/// Keeps other programs that use it from writing into a folder, while it lives: then no two mix their files.
class FolderLock {
 public:
  /// Throws Error where the folder cannot be opened or is locked.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Waits until all that was written on its file system is on the disk.
  void sync() const;

 private:
  int descriptor_;
};

}  // namespace backlight
