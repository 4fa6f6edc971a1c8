#include "engine/whole_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include "engine/error.h"

namespace backlight {
namespace {

namespace fs = std::filesystem;

std::string reason_of(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse(const fs::path& target, const std::string& reason) {
  throw Error("cannot write " + target.string() + ": " + reason);
}

/// Where a target is, and what is there.
struct Place {
  fs::path asked, file;  // as the caller calls it; with links followed
  bool is_there = false;
  struct stat status {};

  explicit Place(const fs::path& target) : asked(target), file(target) {
    std::error_code error;
    for (int links = 0; fs::is_symlink(fs::symlink_status(file, error)); ++links) {
      constexpr int most_links = 40;  // as the system follows
      const fs::path next = fs::read_symlink(file, error);
      if (error || links == most_links) refuse(target, reason_of(ELOOP));
      file = file.parent_path() / next;
    }
    is_there = ::stat(file.c_str(), &status) == 0;
    if (!is_there && !file.has_filename()) refuse(target, "it names no file");
    if (!is_there) return;
    if (S_ISDIR(status.st_mode)) refuse(target, "it is a folder");
    // Renaming over a device such as /dev/null would replace the device.
    if (!S_ISREG(status.st_mode)) refuse(target, "it is not a regular file");
    if (::access(file.c_str(), W_OK) != 0) refuse(target, reason_of(errno));
  }
  fs::path folder() const { return file.has_parent_path() ? file.parent_path() : fs::path("."); }
};

/// A file that has no name, or one that nobody knows, until it is put in its place.
class Unnamed {
 public:
  explicit Unnamed(const Place& place) : place_(place) {
    descriptor_ = ::open(place.folder().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
      do {
        name_ = hidden_name();
        descriptor_ = ::open(name_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      } while (descriptor_ < 0 && errno == EEXIST);
    }
    if (descriptor_ < 0 && errno == ENOENT)
      refuse(place.asked, "there is no folder " + place.folder().string());
    if (descriptor_ < 0) refuse(place.asked, reason_of(errno));
  }
  ~Unnamed() {
    ::close(descriptor_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  Unnamed(const Unnamed&) = delete;
  Unnamed& operator=(const Unnamed&) = delete;

  void write(std::string_view bytes, Synced synced) const {
    // As cp does: the mode of what is there stays. Its owner does where that is allowed.
    if (place_.is_there && ::fchown(descriptor_, place_.status.st_uid, place_.status.st_gid) != 0) {
    }
    if (place_.is_there && ::fchmod(descriptor_, place_.status.st_mode & 07777) != 0)
      refuse(place_.asked, reason_of(errno));
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) refuse(place_.asked, reason_of(count < 0 ? errno : ENOSPC));
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    // EINVAL and EROFS: what is there cannot be synced.
    if (synced == Synced::yes && ::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS)
      refuse(place_.asked, reason_of(errno));
  }

  /// Takes the target's name: at once where it is free. A link cannot replace what is there, renaming can:
  /// for that instant the file has another name.
  void commit() {
    if (name_.empty() && !place_.is_there && link_to(place_.file)) return;
    while (name_.empty())
      if (const fs::path name = hidden_name(); link_to(name)) name_ = name;
    if (::rename(name_.c_str(), place_.file.c_str()) != 0) refuse(place_.asked, reason_of(errno));
    name_.clear();
  }

 private:
  /// False where the name is taken.
  bool link_to(const fs::path& name) const {
    const std::string self = "/proc/self/fd/" + std::to_string(descriptor_);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
    if (errno != EEXIST) refuse(place_.asked, reason_of(errno));
    return false;
  }

  /// Beside the target. The process and a counter make it unique.
  fs::path hidden_name() const {
    static std::atomic<unsigned> counter{0};
    return place_.folder() /
           (".backlight-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp");
  }

  const Place& place_;
  int descriptor_ = -1;
  fs::path name_;  // "": none
};

}  // namespace

void write_whole_file(const fs::path& target, std::string_view bytes, Synced synced) {
  const Place place(target);
  Unnamed file(place);
  file.write(bytes, synced);
  file.commit();
}

void expect_writable(const fs::path& target) {
  const Place place(target);
  const Unnamed file(place);
}

FolderLock::FolderLock(const fs::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw Error(folder.string() + ": " + reason_of(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  if (error != EWOULDBLOCK) return;  // a file system without locks
  ::close(descriptor_);
  throw Error(folder.string() + ": another command is writing into this folder");
}

FolderLock::~FolderLock() { ::close(descriptor_); }

void FolderLock::sync() const { ::syncfs(descriptor_); }

}  // namespace backlight
