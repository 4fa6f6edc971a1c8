#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <functional>
#include <limits>

#include "h5_fixtures.h"
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

using namespace backlight;
using namespace backlight::test;

namespace {

/// What opening and reading a small file says after `change` to it.
std::string after(const std::function<void(hid_t)>& change) {
  const Folder folder;
  const fs::path path = write_small_file(folder);
  edit(path, change);
  const std::string message = refusal([&] { WeightFile(path).read(small_graph()); });
  CHECK((message.empty() || mentions(message, {path.string() + ": "})));
  return message;
}

void remove(hid_t file, const char* name) { REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0); }

const std::vector<float> zeros(120);

/// Puts a dataset in the place of fc.weight.
void replace(hid_t file, hid_t type, const std::vector<hsize_t>& extents, hid_t creation = H5P_DEFAULT,
             bool written = true) {
  remove(file, "fc.weight");
  add_dataset(file, "fc.weight", type, extents, type, written ? zeros.data() : nullptr, creation);
}

class Creation {
 public:
  explicit Creation(const std::vector<hsize_t>& chunk = {}) {
    if (!chunk.empty()) H5Pset_chunk(id_, static_cast<int>(chunk.size()), chunk.data());
  }
  ~Creation() { H5Pclose(id_); }
  operator hid_t() const { return id_; }

 private:
  hid_t id_ = H5Pcreate(H5P_DATASET_CREATE);
};

std::string of_graph(const std::vector<ParameterSpec>& specs) {
  const Folder folder;
  const fs::path path = write_small_file(folder);
  Graph graph = small_graph();
  graph.add("extra", std::make_shared<Stub>(specs), {0});
  return refusal([&] { WeightFile(path).read(graph); });
}

}  // namespace

TEST_CASE("the tensors must be those of the network") {
  CHECK(after([](hid_t) {}).empty());
  CHECK(mentions(after([](hid_t file) { remove(file, "layer1.0.conv1.bias"); }),
                 {"'layer1.0.conv1.bias' is missing"}));
  CHECK(mentions(of_graph({{"weight", {1}}, {"bias", {1}}}), {"'extra.weight' is missing (and 1 more)"}));
  CHECK(of_graph({{"table", {1}, ParameterSpec::Role::constant, {0}}}).empty());
  CHECK(mentions(after([](hid_t file) {
                   add_dataset(file, "a.b", H5T_IEEE_F32LE, {1}, H5T_NATIVE_FLOAT, zeros.data());
                 }),
                 {"'a.b' is none of the network's"}));
  CHECK(mentions(after([](hid_t file) {
                   replace(file, H5T_IEEE_F32LE, {5, 2});
                 }),
                 {"'fc.weight'", "expected shape 2x5", "found 5x2"}));
  CHECK(mentions(after([](hid_t file) { replace(file, H5T_IEEE_F32LE, {10}); }), {"2x5", "found 10"}));
  CHECK(mentions(after([](hid_t file) { replace(file, H5T_IEEE_F32LE, {2, 5, 1}); }), {"found 2x5x1"}));
}

TEST_CASE("tensors of anything but IEEE floating point are refused") {
  CHECK(mentions(after([](hid_t file) {
                   replace(file, H5T_STD_I64LE, {2, 5});
                 }),
                 {"'fc.weight'", "found integers"}));
  CHECK(mentions(after([](hid_t file) { replace(file, H5T_STD_U8LE, {2, 5}); }), {"found integers"}));
  CHECK(mentions(after([](hid_t file) {
                   const hid_t type = H5Tcopy(H5T_C_S1);
                   H5Tset_size(type, 4);
                   replace(file, type, {2, 5});
                   H5Tclose(type);
                 }),
                 {"'fc.weight'", "found a string"}));
  CHECK(mentions(after([](hid_t file) {
                   const hid_t type = H5Tcreate(H5T_COMPOUND, 8);
                   H5Tinsert(type, "value", 0, H5T_IEEE_F64LE);
                   replace(file, type, {2, 5});
                   H5Tclose(type);
                 }),
                 {"'fc.weight'", "found a compound type"}));
  CHECK(mentions(after([](hid_t file) {
                   const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
                   H5Tset_fields(type, 15, 10, 5, 0, 10);
                   H5Tset_size(type, 2);
                   H5Tset_ebias(type, 15);
                   replace(file, type, {2, 5});
                   H5Tclose(type);
                 }),
                 {"'fc.weight'", "found float16"}));
}

TEST_CASE("tensors that are not finite are refused by name") {
  const auto with = [](double value, hid_t type) {
    return after([&](hid_t file) {
      remove(file, "fc.weight");
      const std::vector<double> values{1, 2, 3, 4, 5, 6, 7, value, 9, 10};
      add_dataset(file, "fc.weight", type, {2, 5}, H5T_NATIVE_DOUBLE, values.data());
    });
  };
  CHECK(with(8, H5T_IEEE_F32LE).empty());
  CHECK(mentions(with(std::nan(""), H5T_IEEE_F32LE), {"'fc.weight': element 7 is not finite"}));
  CHECK(mentions(with(-std::numeric_limits<double>::infinity(), H5T_IEEE_F64LE), {"'fc.weight': element 7"}));
  CHECK(mentions(with(1e300, H5T_IEEE_F64LE), {"'fc.weight': element 7"}));  // too large for float32
}

TEST_CASE("data outside the file's own plain datasets are refused") {
  CHECK(mentions(after([](hid_t file) {
                   remove(file, "fc.weight");
                   H5Lcreate_soft("/bn.running_mean", file, "fc.weight", H5P_DEFAULT, H5P_DEFAULT);
                 }),
                 {"'fc.weight'", "link"}));
  CHECK(mentions(after([](hid_t file) {
                   remove(file, "fc.weight");
                   H5Lcreate_external("other.h5", "/x", file, "fc.weight", H5P_DEFAULT, H5P_DEFAULT);
                 }),
                 {"'fc.weight'", "link"}));
  CHECK(mentions(after([](hid_t file) {
                   H5Lcreate_hard(file, "fc.weight", file, "fc.weight2", H5P_DEFAULT, H5P_DEFAULT);
                 }),
                 {"'fc.weight'", "several names"}));
  CHECK(mentions(
      after([](hid_t file) { H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); }),
      {"'group'", "is not a dataset"}));
  CHECK(mentions(after([](hid_t file) {
                   const Creation creation;
                   H5Pset_external(creation, "/etc/hostname", 0, 40);
                   replace(file, H5T_IEEE_F32LE, {2, 5}, creation, false);
                 }),
                 {"'fc.weight'", "another file"}));
  CHECK(mentions(after([](hid_t file) {
                   const Creation creation;
                   const hsize_t extents[] = {2, 5};
                   const hid_t space = H5Screate_simple(2, extents, nullptr);
                   H5Pset_virtual(creation, space, "other.h5", "/x", space);
                   H5Sclose(space);
                   replace(file, H5T_IEEE_F32LE, {2, 5}, creation, false);
                 }),
                 {"'fc.weight'", "another file or dataset"}));
  CHECK(mentions(after([](hid_t file) {
                   const Creation creation({2, 5});
                   constexpr H5Z_filter_t unknown = 32'123;
                   H5Pset_filter(creation, unknown, H5Z_FLAG_OPTIONAL, 0, nullptr);
                   replace(file, H5T_NATIVE_FLOAT, {2, 5}, creation);
                 }),
                 {"'fc.weight'", "filter 32123", "not in this HDF5 library"}));
}

TEST_CASE("a file that lies about its size is refused before anything is allocated") {
  CHECK(mentions(after([](hid_t file) {
                   replace(file, H5T_IEEE_F32LE, {2, 5}, H5P_DEFAULT, false);
                 }),
                 {"'fc.weight'", "declares 40 bytes", "stores 0"}));
  CHECK(mentions(after([](hid_t file) {
                   replace(file, H5T_IEEE_F32LE, {1 << 20, 1 << 20}, H5P_DEFAULT, false);
                 }),
                 {"'fc.weight'", "declares 4398046511104 bytes", "stores 0"}));
  CHECK(mentions(after([](hid_t file) {
                   replace(file, H5T_IEEE_F32LE, {1 << 21, 1 << 20}, H5P_DEFAULT, false);
                 }),
                 {"'fc.weight'", "2^40"}));
  CHECK(mentions(after([](hid_t file) {
                   replace(file, H5T_IEEE_F32LE, {0, 5});
                 }),
                 {"'fc.weight'", "at least 1"}));
  CHECK(mentions(after([](hid_t file) {
                   const Creation creation({2, 2});
                   H5Pset_deflate(creation, 1);
                   replace(file, H5T_IEEE_F32LE, {1 << 19, 1 << 20}, creation, false);
                 }),
                 {"'fc.weight'", "declares 2199023255552 bytes", "stores 0"}));
  // One chunk of two is there: enough bytes for deflate, but not the data.
  CHECK(mentions(after([](hid_t file) {
                   const Creation creation({1, 5});
                   H5Pset_deflate(creation, 1);
                   replace(file, H5T_IEEE_F32LE, {2, 5}, creation, false);
                   const hid_t dataset = H5Dopen2(file, "fc.weight", H5P_DEFAULT);
                   const hsize_t start[] = {0, 0}, count[] = {1, 5};
                   const hid_t part = H5Dget_space(dataset), memory = H5Screate_simple(2, count, nullptr);
                   H5Sselect_hyperslab(part, H5S_SELECT_SET, start, nullptr, count, nullptr);
                   H5Dwrite(dataset, H5T_NATIVE_FLOAT, memory, part, H5P_DEFAULT, zeros.data());
                   H5Sclose(part);
                   H5Sclose(memory);
                   H5Dclose(dataset);
                 }),
                 {"'fc.weight'", "declares 2 chunks", "stores 1"}));

  // Headers changed behind the library's back.
  const auto patched = [](const std::vector<std::uint64_t>& from, const std::vector<std::uint64_t>& to) {
    const Folder folder;
    const fs::path path = write_small_file(folder);
    patch(path, from, to);
    return refusal([&] { WeightFile{path}; });
  };
  CHECK(mentions(patched({5, 3, 2, 4}, {500'000'000, 3, 2, 4}),
                 {"'layer1.0.conv1.weight'", "declares 48000000000 bytes", "stores 480"}));
  CHECK(mentions(patched({5, 3, 2, 4}, {~std::uint64_t{0}, 3, 2, 4}), {"'layer1.0.conv1.weight'"}));
  const Folder folder;
  const fs::path path = write_small_file(folder);
  patch(path, {5, 3, 2, 4}, {500'000, 3, 2, 4});
  patch(path, {480}, {48'000'000});
  CHECK(mentions(refusal([&] { WeightFile{path}; }), {"'layer1.0.conv1.weight'", "beyond the end"}));
}

TEST_CASE("what is no weight file is refused in one line") {
  const Folder folder;
  const auto opening = [&](const std::string& name) { return refusal([&] { WeightFile(folder / name); }); };
  CHECK(mentions(opening("none.h5"), {"none.h5: there is no such file"}));
  fs::create_directory(folder / "folder.h5");
  CHECK(mentions(opening("folder.h5"), {"folder.h5: expected an HDF5 file, found a folder"}));
  write_bytes(folder / "text.h5", "these are no weights\n");
  CHECK(mentions(opening("text.h5"), {"text.h5: is not an HDF5 file"}));
  write_bytes(folder / "empty.h5", "");
  CHECK(mentions(opening("empty.h5"), {"empty.h5: is not an HDF5 file"}));
  REQUIRE(::mkfifo((folder / "pipe.h5").c_str(), 0600) == 0);
  CHECK(mentions(opening("pipe.h5"), {"pipe.h5: is not a regular file"}));

  H5Fclose(H5Fcreate((folder / "other.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  CHECK(mentions(opening("other.h5"), {"other.h5: expected an HDF5 file of the format 'backlight-weights'"}));
}

TEST_CASE("a truncated file is refused wherever it ends") {
  const Folder folder;
  const fs::path path = write_small_file(folder);
  const std::string bytes = bytes_of(path);
  for (std::size_t size = 0; size < bytes.size(); size += 31) {
    CAPTURE(size);
    write_bytes(path, bytes.substr(0, size));
    CHECK(
        mentions(refusal([&] { WeightFile{path}; }), {"W.h5", size < 8 ? "is not an HDF5 file" : "damaged"}));
  }
}

TEST_CASE("a damaged byte is refused or does no harm, wherever it is") {
#ifdef __SANITIZE_ADDRESS__
  H5garbage_collect();                         // what is forgotten below must not be a buffer from before
  const __lsan::ScopedDisabler library_leaks;  // HDF5 1.10.8 forgets a buffer on some of its error paths
#endif
  const Folder folder;
  const fs::path path = write_small_file(folder);
  const std::string bytes = bytes_of(path);
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 13) {
    std::string damaged = bytes;
    damaged[at] = damaged[at] == '\x7F' ? '\0' : '\x7F';
    write_bytes(path, damaged);
    refused += !refusal([&] { WeightFile(path).read(small_graph()); }).empty();
  }
  CHECK(refused > 20);
}

TEST_CASE("attributes must be there and make sense") {
  for (const char* name : {"format", "version", "architecture", "classes", "input_size", "resize", "mean",
                           "std", "source", "source_sha256", "license", "producer"}) {
    CAPTURE(name);
    CHECK(mentions(after([&](hid_t file) { H5Adelete(file, name); }), {name}));
    CHECK(mentions(after([&](hid_t file) {
                     const float wrong[] = {1, 2};
                     set_attribute(file, name, H5T_NATIVE_FLOAT, {2}, wrong);
                   }),
                   {name, "expected", "found"}));
  }
  const auto with_integer = [](const char* name, std::int64_t value) {
    return after([&](hid_t file) { set_integer(file, name, value); });
  };
  const auto with_text = [](const char* name, const std::string& value) {
    return after([&](hid_t file) { set_text(file, name, value); });
  };
  CHECK(mentions(with_integer("version", 2), {"is version 2", "only version 1"}));
  CHECK(
      mentions(with_text("format", "backlight-reference-dump"), {"expected the format 'backlight-weights'"}));
  CHECK(mentions(with_text("input_size", "224"), {"'input_size'", "found a string"}));
  CHECK(mentions(with_integer("architecture", 50), {"'architecture'", "found int64"}));
  CHECK(mentions(with_text("architecture", ""), {"'architecture'", "empty"}));
  CHECK(mentions(with_text("license", "caf\xE9"), {"'license'", "UTF-8"}));
  CHECK(mentions(with_text("source", "\x1B[2J"), {"'source'", "UTF-8"}));
  CHECK(mentions(with_integer("input_size", 0), {"'input_size'", "found 0"}));
  CHECK(mentions(with_integer("input_size", 1 << 20), {"'input_size'", "found 1048576"}));
  CHECK(mentions(with_integer("resize", 3), {"'resize'", "found 3"}));
  CHECK(mentions(with_integer("resize", -1), {"'resize'", "found -1"}));
  const auto with_triple = [](const char* name, double value) {
    return after([&](hid_t file) {
      const double values[] = {0.5, 0.5, value};
      set_attribute(file, name, H5T_NATIVE_DOUBLE, {3}, values);
    });
  };
  CHECK(mentions(with_triple("std", 0), {"'std'", "above 0"}));
  CHECK(mentions(with_triple("mean", std::nan("")), {"'mean'", "finite"}));
}

TEST_CASE("a text that the file does not hold is refused") {
  // Before the text in the heap of the file: its index 2, references 2, unused 4, size 8.
  const auto with_byte_before_text = [](std::size_t distance, char value) {
    const Folder folder;
    const fs::path path = write_small_file(folder);
    std::string bytes = bytes_of(path);
    bytes[bytes.find("custom") - distance] = value;
    write_bytes(path, bytes);
    return refusal([&] { WeightFile{path}; });
  };
  for (const std::string& message : {with_byte_before_text(8, 2), with_byte_before_text(16, 99),
                                     with_byte_before_text(2, 1), with_byte_before_text(16, 0)})
    CHECK(mentions(message, {"'architecture'", "its text is not in the file"}));
}

TEST_CASE("what cannot be written leaves no file") {
  const Folder folder;
  const auto writing = [&](const ModelInfo& info, const Parameters& parameters) {
    const std::string message =
        refusal([&] { write_weights(folder / "W.h5", info, small_graph(), parameters); });
    CHECK(folder.empty());
    return message;
  };
  CHECK(mentions(writing(small_info(), Parameters()), {"'layer1.0.conv1.weight'"}));
  ModelInfo info = small_info();
  info.classes.clear();
  CHECK(mentions(writing(info, small_parameters()), {"W.h5", "'classes'"}));
  info.classes = {"caf\xE9"};
  CHECK(mentions(writing(info, small_parameters()), {"'classes'", "UTF-8"}));
  const Parameters parameters = small_parameters();
  parameters.at("fc.weight").as<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(mentions(writing(small_info(), parameters), {"'fc.weight': element 3 is not finite"}));

  const auto to = [&](const fs::path& path) {
    return refusal([&] { write_weights(path, small_info(), small_graph(), small_parameters()); });
  };
  CHECK(mentions(to(folder / "none/W.h5"), {"cannot write", "none/W.h5"}));
  CHECK(mentions(to("/dev/full"), {"cannot write /dev/full"}));

  // A full disk, by way of a limit on the size of files; the old file survives.
  const fs::path path = write_small_file(folder);
  const std::string old = bytes_of(path);
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &ignore, &before);
  rlimit limit{}, small{};
  getrlimit(RLIMIT_FSIZE, &limit);
  small = {1000, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = to(path);
  setrlimit(RLIMIT_FSIZE, &limit);
  sigaction(SIGXFSZ, &before, nullptr);
  CHECK(mentions(message, {"cannot write", "W.h5"}));
  CHECK(bytes_of(path) == old);
  fs::remove(path);
  CHECK(folder.empty());
}
