// Conversions to floats and back, and files that are written whole or not at all.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "apps/npy.h"
#include "engine/whole_file.h"
#include "tests/apps/image_fixtures.h"

using namespace backlight;

namespace {

std::size_t files_in(const ScratchFolder& folder) {
  return std::size_t(std::distance(std::filesystem::directory_iterator(folder.path), {}));
}

std::string text_of(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = bytes_of(path);
  return {bytes.begin(), bytes.end()};
}

/// No file may grow beyond `bytes` while this lives: a write fails then as it does on a full disk.
struct FileSizeLimit {
  rlimit before;
  void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit{bytes, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
};

}  // namespace

TEST_CASE("floats are planes of levels, and come back rounded and clamped") {
  const Image image = load_image(fixture("wide_61x47.png"));
  const std::vector<float> chw = to_chw(image);
  REQUIRE(chw.size() == 3 * 47 * 61);
  CHECK(chw[(2 * 47 + 5) * 61 + 7] == image.at(7, 5)[2]);
  CHECK(from_chw(chw, 61, 47) == image);

  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  CHECK(from_chw(std::vector{-3.0f, 254.6f, 1e9f}, 1, 1).pixels == std::vector<std::uint8_t>{0, 255, 255});
  CHECK(from_chw(std::vector{nan, infinity, -infinity}, 1, 1).pixels == std::vector<std::uint8_t>{0, 255, 0});
  CHECK(from_chw(std::vector{0.49f, 0.51f, 99.4f}, 1, 1).pixels == std::vector<std::uint8_t>{0, 1, 99});
  CHECK(error_of([&] { from_chw(chw, 60, 47); }) == "an image of 3 x 47 x 60 was made from 8601 values");
}

TEST_CASE("a PNG comes back as it was written") {
  const ScratchFolder scratch("image_write");
  const Image image = load_image(fixture("wide_61x47.png"));
  write_png(scratch / "a.png", image);
  write_png(scratch / "a.png", image);  // over the old one
  CHECK(load_image(scratch / "a.png") == image);
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("a full disk leaves the old file and no other") {
  const ScratchFolder scratch("image_full");
  const std::filesystem::path path = scratch / "a.png";
  write_whole_file(path, "old");
  const Image image = load_image(fixture("wide_61x47.png"));
  std::string error;
  {
    const FileSizeLimit limit(1000);
    error = error_of([&] { write_png(path, image); });
  }
  CHECK(error == "cannot write " + path.string() + ": File too large");
  {
    const FileSizeLimit limit(3);  // so little is written that only closing the file finds out
    error = error_of([&] { write_whole_file(path, "newer"); });
  }
  CHECK(error == "cannot write " + path.string() + ": File too large");
  CHECK(text_of(path) == "old");
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("a target that cannot be written is refused by name") {
  const ScratchFolder scratch("image_refused");
  const auto refusal = [](const std::filesystem::path& path) {
    return error_of([&] { write_png(path, Image(2, 2)); });
  };
  const auto expected = [](const std::filesystem::path& path, const std::string& reason) {
    return "cannot write " + path.string() + ": " + reason;
  };
  write_whole_file(scratch / "file", "x");
  CHECK(refusal(scratch / "missing/a.png") ==
        expected(scratch / "missing/a.png", "there is no folder " + (scratch / "missing").string()));
  CHECK(refusal(scratch / "file/a.png") == expected(scratch / "file/a.png", "Not a directory"));
  CHECK(refusal(scratch.path) == expected(scratch.path, "it is a folder"));
  CHECK(refusal(scratch / "") == expected(scratch / "", "it is a folder"));
  ::mkfifo((scratch / "pipe").c_str(),
           0666);  // stands for any device: a test that fails must not replace /dev/null
  CHECK(refusal(scratch / "pipe") == expected(scratch / "pipe", "it is not a regular file"));
  CHECK(refusal("") == expected("", "it names no file"));
  if (::geteuid() != 0) {  // to root every folder is open
    std::filesystem::permissions(scratch.path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    CHECK(refusal(scratch / "a.png") == expected(scratch / "a.png", "Permission denied"));
    std::filesystem::permissions(scratch.path, std::filesystem::perms::owner_all);
  }
  CHECK(files_in(scratch) == 2);
}

TEST_CASE("a file keeps its mode and its links when it is written anew, and a read-only one is refused") {
  const ScratchFolder scratch("mode");
  const auto mode = [&](const std::string& name) {
    return static_cast<unsigned>(std::filesystem::status(scratch / name).permissions());
  };
  write_whole_file(scratch / "target", "old");
  REQUIRE(::chmod((scratch / "target").c_str(), 0640) == 0);
  std::filesystem::create_symlink("target", scratch / "link");
  write_whole_file(scratch / "link", "new");
  CHECK(text_of(scratch / "target") == "new");
  CHECK(mode("target") == 0640);
  CHECK(std::filesystem::is_symlink(scratch / "link"));
  std::filesystem::create_symlink("later", scratch / "dangling");
  write_whole_file(scratch / "dangling", "there");
  CHECK(text_of(scratch / "later") == "there");
  const mode_t mask = ::umask(027);
  write_whole_file(scratch / "masked", "");
  ::umask(mask);
  CHECK(mode("masked") == 0640);
  if (::geteuid() != 0) {
    REQUIRE(::chmod((scratch / "target").c_str(), 0440) == 0);
    CHECK(error_of([&] { write_whole_file(scratch / "target", "newer"); }) ==
          "cannot write " + (scratch / "target").string() + ": Permission denied");
    CHECK(text_of(scratch / "target") == "new");
  }
  CHECK(files_in(scratch) == 5);
}

TEST_CASE("asking whether a file can be written leaves no trace") {
  const ScratchFolder scratch("writable");
  expect_writable(scratch / "target");
  CHECK(files_in(scratch) == 0);
  write_whole_file(scratch / "target", "old");
  expect_writable(scratch / "target");
  CHECK(text_of(scratch / "target") == "old");
  CHECK(error_of([&] { expect_writable(scratch / "none/target"); }) != "nothing");
}

TEST_CASE("a folder that one writes into is locked for others") {
  const ScratchFolder scratch("lock");
  {
    const FolderLock lock(scratch.path);
    CHECK(error_of([&] { FolderLock{scratch.path}; }) ==
          scratch.path.string() + ": another command is writing into this folder");
  }
  FolderLock{scratch.path};
}

TEST_CASE("writing through a symbolic link keeps the link") {
  const ScratchFolder scratch("link");
  write_whole_file(scratch / "target", "old");
  std::filesystem::create_symlink("target", scratch / "link");
  write_whole_file(scratch / "link", "new");
  CHECK(std::filesystem::is_symlink(scratch / "link"));
  CHECK(text_of(scratch / "target") == "new");
}

TEST_CASE("a relative name without a folder is written in the current folder") {
  const ScratchFolder scratch("relative");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.path);
  const std::string error = error_of([] { write_whole_file("name", "x"); });
  std::filesystem::current_path(before);
  CHECK(error == "nothing");
  CHECK(text_of(scratch / "name") == "x");
}

TEST_CASE("arrays are NumPy's, byte for byte") {
  const ScratchFolder scratch("npy");
  const std::vector<float> table = {0, 0.25f, 0.5f, 0.75f, 1, 1.25f}, line = {-2, -1, 0, 1, 2};
  write_npy(scratch / "table.npy", {2, 3}, table.data());
  write_npy(scratch / "line.npy", {5}, line.data());
  CHECK(text_of(scratch / "table.npy") == text_of(fixture("array_2x3.npy")));
  CHECK(text_of(scratch / "line.npy") == text_of(fixture("array_5.npy")));
}
