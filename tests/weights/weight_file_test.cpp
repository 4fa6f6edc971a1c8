#include "weights/weight_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h5_fixtures.h"

using namespace backlight;
using namespace backlight::test;

namespace {

template <class T>
void check_same(const Parameters& found, const Parameters& expected) {
  CHECK(found.size() == expected.size());
  const Graph graph = small_graph();
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) continue;
    CAPTURE(parameter.name);
    CHECK(found.at(parameter.name).shape == parameter.shape);
    CHECK(found.at(parameter.name).copy<T>() == expected.at(parameter.name).copy<T>());
  }
}

}  // namespace

TEST_CASE("weights come back with the same bits and the same description") {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    CAPTURE(to_string(precision));
    const Folder folder;
    const WeightFile file(write_small_file(folder, precision));
    check_same<double>(file.read(small_graph(), precision), small_parameters(precision));
    REQUIRE(file.tensors().size() == 4);
    CHECK(file.tensors()[3].name == "layer1.0.conv1.weight");
    CHECK(file.tensors()[3].shape == Shape{5, 3, 2, 4});
    CHECK(file.tensors()[3].precision == precision);

    const ModelInfo info = file.info(), expected = small_info();
    CHECK(info.architecture == expected.architecture);
    CHECK(info.classes == expected.classes);
    CHECK(info.input_size == expected.input_size);
    CHECK(info.resize == expected.resize);
    CHECK(info.mean == expected.mean);
    CHECK(info.std == expected.std);
    CHECK(info.source == expected.source);
    CHECK(info.source_sha256 == expected.source_sha256);
    CHECK(info.license == expected.license);
    CHECK(info.producer == expected.producer);
  }
}

TEST_CASE("weights are converted between the precisions") {
  const Folder folder;
  const fs::path path = write_small_file(folder, Precision::float64);
  check_same<float>(WeightFile(path).read(small_graph(), Precision::float32),
                    small_parameters(Precision::float64));
  write_weights(path, small_info(), small_graph(), small_parameters(Precision::float32));
  check_same<double>(WeightFile(path).read(small_graph(), Precision::float64),
                     small_parameters(Precision::float32));
}

TEST_CASE("the same weights make the same bytes") {
  const Folder folder;
  const std::string first = bytes_of(write_small_file(folder));
  ::sleep(1);  // HDF5 would store the time in seconds
  CHECK(bytes_of(write_small_file(folder)) == first);
}

TEST_CASE("standard filters, big-endian numbers and fixed strings are read") {
  const Folder folder;
  const fs::path path = write_small_file(folder);
  const std::vector<float> values = small_parameters().at("layer1.0.conv1.weight").copy<float>();
  edit(path, [&](hid_t file) {
    H5Ldelete(file, "layer1.0.conv1.weight", H5P_DEFAULT);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk[] = {2, 3, 2, 3};
    H5Pset_chunk(creation, 4, chunk);
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 9);
    H5Pset_fletcher32(creation);
    add_dataset(file, "layer1.0.conv1.weight", H5T_IEEE_F32BE, {5, 3, 2, 4}, H5T_NATIVE_FLOAT, values.data(),
                creation, {H5S_UNLIMITED, 3, 2, 4});
    H5Pclose(creation);
    set_text(file, "license", "MIT", H5T_STR_SPACEPAD);
    set_text(file, "source", "another program");
    const unsigned char size[] = {0, 0, 0, 9};
    set_attribute(file, "input_size", H5T_STD_I32BE, {}, size);
    const float mean[] = {0.5, 0.25, 0.125};
    set_attribute(file, "mean", H5T_NATIVE_FLOAT, {3}, mean);
  });
  const WeightFile file(path);
  check_same<float>(file.read(small_graph()), small_parameters());
  CHECK(file.info().input_size == 9);
  CHECK(file.info().license == "MIT");
  CHECK(file.info().source == "another program");
  CHECK(file.info().mean == std::array<double, 3>{0.5, 0.25, 0.125});
}

TEST_CASE("a file that is read-only or locked by another program is read") {
  const Folder folder;
  const fs::path path = write_small_file(folder);
  REQUIRE(::chmod(path.c_str(), 0444) == 0);
  const int other = ::open(path.c_str(), O_RDONLY);
  REQUIRE(::flock(other, LOCK_EX) == 0);
  CHECK(WeightFile(path).tensors().size() == 4);
  ::close(other);
}

TEST_CASE("the network that Backlight ships is a weight file like others, and says how it was trained") {
  const WeightFile shipped = WeightFile::shipped(),
                   on_disk(fs::path(BACKLIGHT_SOURCE) / "weights/custom_cnn.h5");
  CHECK(shipped.info().architecture == "custom_cnn");
  CHECK(shipped.info().classes == std::vector<std::string>{"bear", "cat", "dog", "monkey", "rabbit"});
  CHECK(shipped.info().training == on_disk.info().training);
  CHECK(shipped.info().training.find("backlight train") != std::string::npos);
  const Graph graph = shipped.network();
  const Parameters one = shipped.read(graph), other = on_disk.read(graph);
  for (const std::string& name : one.names())
    CHECK(one.at(name).copy<float>() == other.at(name).copy<float>());
  CHECK(fs::file_size(fs::path(BACKLIGHT_SOURCE) / "weights/custom_cnn.h5") <= 2'000'000);
}
