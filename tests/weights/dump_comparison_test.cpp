#include "weights/verification/dump_comparison.h"

#include "layers/network.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using testing::random_parameters;

namespace {

Graph cifar() {
  return build_network("cifar_resnet20",
                       {.batch = 1, .input_size = 16, .classes = 10, .normalization = std::nullopt});
}

ReferenceDump dump(const fs::path& path, DumpOptions options = {}, double step = 0) {
  const Graph graph = cifar();
  auto parameters = random_parameters(graph, Precision::float64);
  parameters->at("layer2.0.bn1.bias").as<double>()[3] += step;
  options.architecture = "cifar_resnet20";
  return ReferenceDump(write_dump<double>(path, graph, parameters, options));
}

}  // namespace

TEST_CASE("two dumps of the same agree, and the first node that differs is named in the network's order") {
  const Folder folder;
  const ReferenceDump one = dump(folder / "A.h5"), same = dump(folder / "B.h5"),
                      other = dump(folder / "C.h5", {}, 0.1);
  const DumpComparison equal = compare(one, same);
  CHECK(equal.first_divergent() == nullptr);
  CHECK(equal.bar == 1e-10);
  CHECK(equal.nodes.size() > 70);
  const DumpComparison different = compare(one, other);
  REQUIRE(different.first_divergent() != nullptr);
  CHECK(different.first_divergent()->name == "layer2.0.bn1");
  CHECK(different.first_divergent()->value > 1e-4);
  CHECK(compare(one, other, 10).first_divergent() == nullptr);
}

TEST_CASE("two dumps are compared as far as both go, samples on the elements that both hold") {
  const Folder folder;
  const ReferenceDump whole = dump(folder / "A.h5"), sample = dump(folder / "B.h5", {.sample = 7}),
                      other_sample = dump(folder / "C.h5", {.sample = 5}),
                      part = dump(folder / "D.h5", {.only = {"layer1.0.conv1"}});
  for (const auto& [first, second] :
       {std::pair{&whole, &sample}, {&sample, &whole}, {&sample, &other_sample}})
    CHECK(compare(*first, *second).first_divergent() == nullptr);
  const DumpComparison some = compare(whole, part);
  CHECK(some.first_divergent() == nullptr);
  CHECK(!some.only_first.empty());
  CHECK(some.only_second.empty());
}

TEST_CASE("dumps of different questions are not compared") {
  const Folder folder;
  const ReferenceDump one = dump(folder / "A.h5"), guided = dump(folder / "B.h5", {.rule = ReluRule::guided});
  CHECK(mentions(refusal([&] { (void)compare(one, guided); }), {"B.h5", "rule is 'guided'", "'gradient'"}));
}
