#include "weights/reader_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "h5_fixtures.h"
#include "weights/hdf5/file.h"
#include "weights/hdf5/sandbox.h"

using namespace backlight;
using namespace backlight::test;

namespace {

/// Numbers from 0 on.
std::vector<float> ascending(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

/// A dataset "x" of ascending numbers, in chunks that `filters` adds filters to.
fs::path write_chunks(const Folder& folder, hid_t type, const std::vector<hsize_t>& extents,
                      const std::vector<hsize_t>& chunk, void (*filters)(hid_t creation)) {
  const fs::path path = folder / "chunks.h5";
  std::size_t count = 1;
  for (const hsize_t extent : extents) count *= extent;
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
  filters(creation);
  const std::vector<hsize_t> most(extents.size(), H5S_UNLIMITED);
  add_dataset(file, "x", type, extents, H5T_NATIVE_FLOAT, ascending(count).data(), creation, most);
  H5Pclose(creation);
  H5Fclose(file);
  return path;
}

/// The first chunk of "x" in other bytes than the library would store, and the filters that it has not
/// passed.
void replace_chunk(const fs::path& path, const std::string& bytes, std::uint32_t skipped) {
  edit(path, [&](hid_t file) {
    const hid_t dataset = H5Dopen2(file, "x", H5P_DEFAULT);
    const hsize_t at[] = {0, 0};
    REQUIRE(H5Dwrite_chunk(dataset, H5P_DEFAULT, skipped, at, bytes.size(), bytes.data()) >= 0);
    H5Dclose(dataset);
  });
}

std::string reading(const fs::path& path) {
  return refusal([&] { (void)hdf5::open_file(path).dataset("x").read<float>(); });
}

hid_t half_precision() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32BE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

void deflate(hid_t creation) { H5Pset_deflate(creation, 4); }
void all_three(hid_t creation) {
  H5Pset_fletcher32(creation);
  H5Pset_shuffle(creation);
  H5Pset_deflate(creation, 4);
  H5Pset_fletcher32(creation);
}
void nothing(hid_t) {}
void nbit(hid_t creation) { H5Pset_nbit(creation); }

/// Every way to store the numbers gives the numbers.
void check_stored_ways() {
  const Folder folder;
  const hid_t half = half_precision();
  for (const hid_t type : {H5T_IEEE_F32LE, H5T_IEEE_F64BE, half})
    for (const auto filters : {nothing, deflate, all_three, nbit})
      for (const std::vector<hsize_t>& chunk :
           {std::vector<hsize_t>{3, 4}, {1, 7}, {7, 1}, {9, 9}, {100, 100}}) {
        CAPTURE(chunk[0]);
        const fs::path path = write_chunks(folder, type, {7, 9}, chunk, filters);
        CHECK(hdf5::open_file(path).dataset("x").read<float>() == ascending(63));
        CHECK(hdf5::open_file(path).dataset("x").read<double>()[62] == 62);
      }
  H5Tclose(half);
}

}  // namespace

TEST_CASE("numbers are read however they are stored: types, chunks larger than the extent, filters") {
  check_stored_ways();
}

TEST_CASE("a process of its own reads the same") {
  const ReaderProcess reader;
  check_stored_ways();
  const Folder folder;
  const fs::path path = write_small_file(folder);
  const Parameters read = WeightFile(path).read(small_graph());
  for (const std::string& name : read.names())
    CHECK(read.at(name).copy<float>() == small_parameters().at(name).copy<float>());
  CHECK(mentions(refusal([&] { WeightFile{folder / "none.h5"}; }), {"none.h5: there is no such file"}));
  std::ofstream(folder / "text.h5") << "no HDF5";
  CHECK(mentions(refusal([&] { WeightFile{folder / "text.h5"}; }), {"text.h5: is not an HDF5 file"}));
}

TEST_CASE("large data go through the other process a few chunks at a time") {
  const ReaderProcess reader;
  const Folder folder;
  const std::vector<hsize_t> extents{3000, 2000};  // 24 MB
  const fs::path path = write_chunks(folder, H5T_IEEE_F32BE, extents, {700, 900}, deflate);
  CHECK(hdf5::open_file(path).dataset("x").read<float>() == ascending(6'000'000));
}

TEST_CASE("a chunk of another size than its own is refused: nothing else becomes numbers") {
  const Folder folder;
  const std::vector<hsize_t> extents{4, 8};
  const std::string short_chunk(16, '\1');  // of 64 bytes
  const auto replaced = [&](void (*filters)(hid_t), const std::string& bytes, std::uint32_t skipped) {
    const fs::path path = write_chunks(folder, H5T_IEEE_F32LE, extents, {2, 8}, filters);
    replace_chunk(path, bytes, skipped);
    return reading(path);
  };
  CHECK(mentions(replaced(deflate, short_chunk, 1), {"'x'", "holds 16 bytes, expected 64"}));  // not deflated
  CHECK(replaced(deflate, std::string(64, '\1'), 1).empty());
  // Sixteen bytes, deflated.
  CHECK(mentions(replaced(deflate, std::string("\x78\xDA\x63\x64\x44\x05\x00\x00\x98\x00\x11", 11), 0),
                 {"'x'", "holds 16 bytes, expected 64"}));
  CHECK(mentions(replaced(deflate, "no deflate", 0), {"'x'", "cannot be inflated"}));
}

TEST_CASE("the checksum of a chunk holds") {
  const Folder folder;
  const fs::path path = write_chunks(folder, H5T_IEEE_F32LE, {4, 8}, {2, 8},
                                     [](hid_t creation) { H5Pset_fletcher32(creation); });
  CHECK(reading(path).empty());
  std::string bytes = bytes_of(path);
  const float number = 17;  // of the second chunk
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&number), sizeof number));
  REQUIRE(at != std::string::npos);
  bytes[at] = '\1';
  write_bytes(path, bytes);
  CHECK(mentions(reading(path), {"'x'", "checksum"}));
}

TEST_CASE("what reads a file may open files for reading, and do nothing else") {
  const Folder folder;
  std::ofstream(folder / "there") << "text";
  const std::string there = (folder / "there").string(), other = (folder / "other").string();
  const pid_t child = ::fork();
  if (child == 0) {
    if (!hdf5::enter_sandbox()) ::_exit(2);
    const bool reads = ::open(there.c_str(), O_RDONLY) >= 0;
    const bool writes = ::open(there.c_str(), O_WRONLY) >= 0 ||
                        ::open(other.c_str(), O_CREAT | O_RDWR, 0666) >= 0 ||
                        ::open(there.c_str(), O_RDONLY | O_TRUNC) >= 0;
    const bool does = ::socket(AF_INET, SOCK_STREAM, 0) >= 0 || ::unlink(there.c_str()) == 0 ||
                      ::fork() >= 0 || ::execl("/bin/true", "true", nullptr) == 0 ||
                      ::kill(::getppid(), 0) == 0;
    ::_exit(reads && !writes && !does ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) return;  // no libseccomp, or a sanitizer
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(bytes_of(there) == "text");
}
