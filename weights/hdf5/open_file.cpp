#include "weights/hdf5/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "engine/error.h"
#include "weights/hdf5/read_elsewhere.h"
#include "weights/text.h"

namespace backlight::hdf5 {

OpenFile::OpenFile(const std::filesystem::path& path) : name_(printable(path.string())) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw Error(name_ + (errno == ENOENT ? ": there is no such file"
                                         : ": cannot be read: " + std::generic_category().message(errno)));
  if (S_ISDIR(status.st_mode)) throw Error(name_ + ": expected an HDF5 file, found a folder");
  if (!S_ISREG(status.st_mode)) throw Error(name_ + ": is not a regular file that can be read");
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw Error(name_ + ": cannot be read: " + std::generic_category().message(errno));
  try {
    reader_ = can_read_elsewhere() ? read_elsewhere(path, name_) : read_here(path, name_);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

OpenFile::OpenFile(std::span<const std::byte> image, std::string name)
    : name_(std::move(name)), image_(image), reader_(read_here(image, name_)) {}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OpenFile::read_bytes(std::uint64_t offset, std::span<std::byte> into, const std::string& where) const {
  if (descriptor_ < 0) {
    if (offset > image_.size() || into.size() > image_.size() - offset)
      throw Error(where + ": ends too soon");
    std::copy_n(image_.data() + offset, into.size(), into.data());
    return;
  }
  while (!into.empty()) {
    const ssize_t count = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Error(where + ": cannot be read: " + std::generic_category().message(errno));
    if (count == 0) throw Error(where + ": its data lie beyond the end of the file");
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

}  // namespace backlight::hdf5
