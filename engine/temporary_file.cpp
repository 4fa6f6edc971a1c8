#include "engine/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "engine/error.h"

namespace backlight {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& target, const std::string& reason) {
  throw Error("cannot write " + target.string() + ": " + reason);
}

std::string reason_of(int error) { return std::generic_category().message(error); }

}  // namespace

TemporaryFile::TemporaryFile(const fs::path& target) : target_(target) {
  std::error_code error;
  if (fs::is_symlink(fs::symlink_status(target, error))) {
    target_ = fs::canonical(target, error);
    if (error) refuse(target, error.message());
  }
  const fs::file_status status = fs::status(target_, error);
  if (fs::is_directory(status)) refuse(target, "it is a folder");
  // Renaming over a device such as /dev/null would replace the device.
  if (fs::exists(status) && !fs::is_regular_file(status)) refuse(target, "it is not a regular file");
  if (!target_.has_filename()) refuse(target, "it names no file");

  // The process and a counter make the name unique; O_EXCL refuses a file, or a planted link, that is there
  // already.
  static std::atomic<unsigned> counter{0};
  int handle;
  do {
    path_ = target_;
    path_.replace_filename(".backlight-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) +
                           ".tmp");
    handle = ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  } while (handle < 0 && errno == EEXIST);
  if (handle < 0 && errno == ENOENT) refuse(target, "there is no folder " + target_.parent_path().string());
  if (handle < 0) refuse(target, reason_of(errno));
  ::close(handle);
}

TemporaryFile::~TemporaryFile() {
  if (!committed_) ::unlink(path_.c_str());
}

void TemporaryFile::commit() {
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error) refuse(target_, error.message());
  committed_ = true;
}

void write_whole_file(const fs::path& target, std::string_view bytes) {
  TemporaryFile file(target);
  std::FILE* stream = std::fopen(file.path().c_str(), "wb");
  if (!stream) refuse(target, reason_of(errno));
  // What is still buffered is written when the stream closes, so closing can fail as writing can.
  int error = std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size() ? 0 : errno;
  if (std::fclose(stream) != 0 && error == 0) error = errno;
  if (error != 0) refuse(target, reason_of(error));
  file.commit();
}

}  // namespace backlight
