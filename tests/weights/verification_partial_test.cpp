// `verify` on dumps of a part of what a network computes, and with a bar of one's own.
#include "layers/network.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using testing::random_parameters;
using testing::small_resnet;

namespace {

/// A dump of small_resnet after `change`, given the file's identifier.
template <class Change>
Verification verified_after(Change change, std::optional<double> tolerance = {}) {
  const Folder folder;
  const Graph graph = small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  const fs::path path = write_dump<double>(folder / "D.h5", graph, parameters);
  edit(path, change);
  return verify(ReferenceDump(path), graph, parameters, {}, tolerance);
}

void remove(hid_t file, const char* name) { REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0); }

/// Moves one element of a dataset.
void move(hid_t file, const char* name, double step) {
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  values[1] += step;
  H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Sclose(space), H5Dclose(dataset);
}

}  // namespace

TEST_CASE("a dump with only the input gradient is held end to end, and says that no node was") {
  const auto part = [](hid_t file) { remove(file, "activations"), remove(file, "gradients"); };
  const Verification good = verified_after(part);
  CHECK(good.verdict() == Verdict::pass);
  CHECK(mentions(good.compared.shortfall(), {"no node was compared"}));
  const Verification off = verified_after([&](hid_t file) { part(file), move(file, "input_gradient", 1); });
  CHECK(off.verdict() == Verdict::bug);
}

TEST_CASE("a dump with only activations is held node by node, and says that gradients were not") {
  const auto part = [](hid_t file) { remove(file, "gradients"), remove(file, "input_gradient"); };
  const Verification good = verified_after(part);
  CHECK(good.verdict() == Verdict::pass);
  CHECK(mentions(good.compared.shortfall(), {"gradients were not compared"}));
  CHECK(row_of(good, "layer1.0.conv2").forward.local == 0);
  const Verification off =
      verified_after([&](hid_t file) { part(file), move(file, "activations/layer1.0.conv2", 1); });
  CHECK(off.verdict() == Verdict::bug);
  CHECK(off.first_divergent()->name == "layer1.0.conv2");
}

TEST_CASE("a dump of some nodes is held as far as they go") {
  const Folder folder;
  const Graph graph = small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  const ReferenceDump dump(write_dump<double>(folder / "D.h5", graph, parameters,
                                              {.only = {"layer1.0.conv1", "layer1.0.bn1", "layer1.0.add"}}));
  const Verification result = verify(dump, graph, parameters, {});
  CHECK(result.verdict() == Verdict::pass);
  CHECK(mentions(result.compared.shortfall(), {"values of 20 of 23 nodes"}));
  CHECK(row_of(result, "layer1.0.bn1").forward.local == 0);
}

TEST_CASE("a tensor of another shape than the network's is a verdict that names its node") {
  const Verification result = verified_after([](hid_t file) {
    remove(file, "activations/layer1.0.conv2");
    const std::vector<double> zeros(1 << 12);
    add_dataset(file, "activations/layer1.0.conv2", H5T_IEEE_F64LE, {2, 3, 4, 4}, H5T_NATIVE_DOUBLE,
                zeros.data());
  });
  CHECK(result.verdict() == Verdict::bug);
  REQUIRE(result.first_divergent() != nullptr);
  CHECK(result.first_divergent()->name == "layer1.0.conv2");
  CHECK(mentions(result.first_divergent()->misfit, {"2x3x4x4"}));
}

TEST_CASE("integers of any width are targets, and a bar of one's own is the bar") {
  const Verification narrow = verified_after([](hid_t file) {
    const hid_t dataset = H5Dopen2(file, "target", H5P_DEFAULT), space = H5Dget_space(dataset);
    std::vector<std::int64_t> labels(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, labels.data());
    H5Sclose(space), H5Dclose(dataset);
    remove(file, "target");
    add_dataset(file, "target", H5T_STD_I16BE, {labels.size()}, H5T_NATIVE_INT64, labels.data());
  });
  CHECK(narrow.verdict() == Verdict::pass);
  const auto slightly_off = [](hid_t file) { move(file, "activations/layer1.0.conv2", 1e-6); };
  CHECK(verified_after(slightly_off).verdict() == Verdict::bug);
  const Verification tolerant = verified_after(slightly_off, 1e-3);
  CHECK(tolerant.verdict() != Verdict::bug);
  CHECK(tolerant.local_bar == 1e-3);
}
