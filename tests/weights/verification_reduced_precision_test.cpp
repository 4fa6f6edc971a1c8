// `verify` on dumps that were computed or stored in fewer bits than their numbers have: that is said, node by
// node, and a node that is wrong by more is still named.
#include "layers/network.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using testing::random_parameters;
using testing::small_resnet;

namespace {

constexpr int tf32 = 11, bfloat16 = 8;

Verification verified(const fs::path& path, const Graph& graph) {
  return verify(ReferenceDump(path), graph, random_parameters(graph, Precision::float32), {});
}

/// Multiplies a dataset of a dump.
void scale(const fs::path& path, const std::string& name, float factor) {
  edit(path, [&](hid_t file) {
    const hid_t dataset = H5Dopen2(file, name.c_str(), H5P_DEFAULT), space = H5Dget_space(dataset);
    std::vector<float> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    for (float& value : values) value *= factor;
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Sclose(space), H5Dclose(dataset);
  });
}

Graph cifar() {
  return build_network("cifar_resnet20",
                       {.batch = 2, .input_size = 16, .classes = 10, .normalization = std::nullopt});
}

}  // namespace

TEST_CASE(
    "a dump whose convolutions multiplied in TF32 or bfloat16 is one in reduced precision, not of bugs") {
  const Folder folder;
  const Graph graph = cifar();
  for (const int bits : {tf32, bfloat16}) {
    CAPTURE(bits);
    const fs::path path = write_dump<float>(
        folder / "D.h5", graph, random_parameters(graph, Precision::float32), {.factor_bits = bits});
    const Verification result = verified(path, graph);
    CHECK(result.verdict() == Verdict::reduced_precision);
    REQUIRE(result.reduced.has_value());
    CHECK(!result.reduced->stored);
    CHECK(std::abs(result.reduced->bits - bits) < 1);
    CHECK(result.reduced->kinds == std::vector<std::string>{"conv"});
    CHECK(mentions(result.reduced->description(), {"convolutions", "bits of significand"}));
    for (const VerifiedValue& row : result.values) CHECK(row.verdict != Verdict::bug);
  }
}

TEST_CASE("a dump whose values were stored as float16 or bfloat16 is one in reduced precision") {
  const Folder folder;
  const Graph graph = cifar();
  for (const int bits : {tf32, bfloat16}) {
    CAPTURE(bits);
    const fs::path path = write_dump<float>(
        folder / "D.h5", graph, random_parameters(graph, Precision::float32), {.stored_bits = bits});
    const Verification result = verified(path, graph);
    CHECK(result.verdict() == Verdict::reduced_precision);
    REQUIRE(result.reduced.has_value());
    CHECK(result.reduced->stored);
    CHECK(result.reduced->bits == bits);
  }
}

TEST_CASE("a node of a reduced dump that is wrong by more than the rounding is named, and no other") {
  const Folder folder;
  const Graph graph = cifar();
  for (const auto& [factor, stored] : {std::pair{tf32, 0}, {0, tf32}}) {
    const fs::path path =
        write_dump<float>(folder / "D.h5", graph, random_parameters(graph, Precision::float32),
                          {.factor_bits = factor, .stored_bits = stored});
    scale(path, "activations/layer2.0.bn1", 1.02f);
    const Verification result = verified(path, graph);
    CHECK(result.verdict() == Verdict::bug);
    REQUIRE(result.first_divergent() != nullptr);
    CHECK(result.first_divergent()->name == "layer2.0.bn1");
    CHECK(mentions(result.first_divergent()->blame, {"forward of layer2.0.bn1"}));
  }
}

TEST_CASE("a full-precision dump with one wrong node is none in reduced precision") {
  const Folder folder;
  const Graph graph = cifar();
  const fs::path path =
      write_dump<float>(folder / "D.h5", graph, random_parameters(graph, Precision::float32));
  scale(path, "gradients/layer2.0.bn1", 1.001f);
  const Verification result = verified(path, graph);
  CHECK(result.verdict() == Verdict::bug);
  CHECK(!result.reduced.has_value());
}
