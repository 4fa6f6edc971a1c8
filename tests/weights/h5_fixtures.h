#pragma once

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/error.h"
#include "weights/weight_file.h"

// What the tests of HDF5 files share: a small network, a good file of its weights, and ways to spoil a file.
namespace backlight::test {

namespace fs = std::filesystem;

/// A folder for one test case, removed with everything in it.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "backlight-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  bool empty() const { return fs::is_empty(path_); }

 private:
  fs::path path_;
};

/// An op that computes nothing but has the parameters that a test wants.
class Stub : public Op {
 public:
  explicit Stub(std::vector<ParameterSpec> specs) : specs_(std::move(specs)) {}
  std::string_view kind() const override { return "stub"; }
  Shape infer(std::span<const Shape> inputs) const override { return inputs[0]; }
  std::vector<ParameterSpec> parameters(std::span<const Shape>) const override { return specs_; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext&) const override {}
  void backward(BackwardContext&) const override {}

 private:
  std::vector<ParameterSpec> specs_;
};

inline Graph small_graph() {
  using Role = ParameterSpec::Role;
  Graph graph;
  ValueId x = graph.input("input", {1, 3, 4, 4});
  x = graph.add("normalize",
                std::make_shared<Stub>(std::vector<ParameterSpec>{{"mean", {3}, Role::constant, {0, 0, 0}}}),
                {x});
  x = graph.add("layer1.0.conv1",
                std::make_shared<Stub>(std::vector<ParameterSpec>{{"weight", {5, 3, 2, 4}}, {"bias", {5}}}),
                {x});
  x = graph.add(
      "bn", std::make_shared<Stub>(std::vector<ParameterSpec>{{"running_mean", {5}, Role::statistic, {}}}),
      {x});
  graph.add("fc", std::make_shared<Stub>(std::vector<ParameterSpec>{{"weight", {2, 5}}}), {x});
  return graph;
}

inline Parameters small_parameters(Precision precision = Precision::float32) {
  Parameters parameters(precision);
  double value = -1;
  const Graph graph = small_graph();
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) continue;
    std::vector<double> values(static_cast<std::size_t>(parameter.shape.elements()));
    for (double& element : values) element = value += 0.1;
    parameters.add(parameter.name, parameter.shape).assign<double>(values);
  }
  return parameters;
}

inline ModelInfo small_info() {
  return {.architecture = "custom",
          .classes = {"tench", "goldfisch \xC3\xA4"},
          .input_size = 4,
          .resize = 0,
          .mean = {0.485, 0.456, 0.406},
          .std = {0.229, 0.224, 0.225},
          .source = "a test",
          .source_sha256 = "0123",
          .license = "MIT",
          .producer = "tests"};
}

inline fs::path write_small_file(const Folder& folder, Precision precision = Precision::float32) {
  const fs::path path = folder / "W.h5";
  write_weights(path, small_info(), small_graph(), small_parameters(precision));
  return path;
}

/// Changes a file through the HDF5 library: `change` is given the file's identifier.
template <class Change>
void edit(const fs::path& path, Change change) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  REQUIRE(file >= 0);
  change(file);
  REQUIRE(H5Fget_obj_count(file, H5F_OBJ_ALL) == 1);
  REQUIRE(H5Fclose(file) >= 0);
}

/// Adds a dataset, of `values` where there are any.
inline void add_dataset(hid_t group, const char* name, hid_t type, const std::vector<hsize_t>& extents,
                        hid_t memory_type = -1, const void* values = nullptr, hid_t creation = H5P_DEFAULT,
                        const std::vector<hsize_t>& most = {}) {
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(),
                                       most.empty() ? nullptr : most.data());
  const hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  REQUIRE(dataset >= 0);
  if (values) REQUIRE(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  H5Dclose(dataset);
  H5Sclose(space);
}

/// Adds or replaces an attribute of the root group.
inline void set_attribute(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& extents,
                          const void* values) {
  if (H5Aexists(file, name) > 0) H5Adelete(file, name);
  const hid_t space = extents.empty()
                          ? H5Screate(H5S_SCALAR)
                          : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(attribute >= 0);
  REQUIRE(H5Awrite(attribute, type, values) >= 0);
  H5Aclose(attribute);
  H5Sclose(space);
}

/// A string of fixed size, as other programs write them.
inline void set_text(hid_t file, const char* name, const std::string& text,
                     H5T_str_t padding = H5T_STR_NULLPAD) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, text.size() + 3);
  H5Tset_strpad(type, padding);
  const std::string padded = text + std::string(3, padding == H5T_STR_SPACEPAD ? ' ' : '\0');
  set_attribute(file, name, type, {}, padded.data());
  H5Tclose(type);
}

inline void set_integer(hid_t file, const char* name, std::int64_t value) {
  set_attribute(file, name, H5T_NATIVE_INT64, {}, &value);
}

inline std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Replaces numbers that follow each other in a file, as little-endian 64-bit integers, by as many others.
inline void patch(const fs::path& path, const std::vector<std::uint64_t>& from,
                  const std::vector<std::uint64_t>& to) {
  std::string bytes = bytes_of(path);
  const auto raw = [](const std::vector<std::uint64_t>& numbers) {
    return std::string(reinterpret_cast<const char*>(numbers.data()), 8 * numbers.size());
  };
  std::size_t found = 0;
  for (std::size_t at = 0; (at = bytes.find(raw(from), at)) != std::string::npos; ++found)
    bytes.replace(at, 8 * to.size(), raw(to));
  REQUIRE(found > 0);
  write_bytes(path, bytes);
}

/// The message of the Error that `act` throws, which must be one line; "" where it throws none.
template <class Act>
std::string refusal(Act act) {
  try {
    act();
  } catch (const Error& error) {
    const std::string message = error.what();
    CHECK(message.find('\n') == std::string::npos);
    return message;
  }
  return {};
}

inline bool mentions(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    if (message.find(part) == std::string::npos) {
      MESSAGE("'" << part << "' is not in '" << message << "'");
      return false;
    }
  return true;
}

}  // namespace backlight::test
