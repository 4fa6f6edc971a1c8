// `verify --as-run`: dumps of networks as they are written, held against the same networks folded and fused.
#include <algorithm>

#include "layers/network.h"
#include "layers/passes/passes.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using testing::random_parameters;
using testing::small_resnet;
using testing::small_vgg;

namespace {

using Names = std::set<std::string>;

const ReluRule rules[] = {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet};

Verification verify_as_run(const ReferenceDump& dump, const Graph& graph,
                           const std::shared_ptr<const Parameters>& parameters,
                           const PassOptions& passes = {}) {
  const FoldedNetwork run = apply_passes(graph, parameters, passes);
  return verify(dump, run.graph, run.parameters, {});
}

/// The rows whose value is gone, and those of them whose gradient is compared all the same.
Names fused(const Verification& result, bool with_gradient) {
  Names names;
  for (const VerifiedValue& row : result.values)
    if (!row.fused_into.empty() && (!with_gradient || row.backward.end_to_end)) names.insert(row.name);
  return names;
}

}  // namespace

TEST_CASE("what is left of a folded and fused network agrees with a dump of the network as written") {
  const Folder folder;
  for (const std::int64_t batch : {1, 3})
    for (const Graph& graph : {small_resnet(false, batch), small_resnet(true, batch), small_vgg(batch)})
      for (const Objective objective : {Objective::logit, Objective::cross_entropy})
        for (const ReluRule rule : rules) {
          const auto parameters = random_parameters(graph, Precision::float64);
          const ReferenceDump dump(
              write_dump<double>(folder / "D.h5", graph, parameters, {.rule = rule, .objective = objective}));
          const Verification result = verify_as_run(dump, graph, parameters);
          CHECK(result.verdict() == Verdict::pass);
          CHECK(result.held);
          CHECK(result.unknown.empty());
          CHECK(result.fused > 0);
          CHECK(result.local_bar == 1e-10);
          for (const auto slot : {&Distances::local, &Distances::end_to_end, &Distances::held})
            CHECK(worst(result, slot) <= 1e-12);
          // No row is left out without a word: it is compared, or fused.
          for (const VerifiedValue& row : result.values) {
            CAPTURE(row.name);
            const bool there = row.fused_into.empty() && row.source == VerifiedValue::Source::node;
            CHECK(row.forward.local.has_value() == there);
            CHECK(row.forward.held.has_value() == there);
            CHECK(row.backward.local.has_value() == row.backward.held.has_value());
          }
        }
}

TEST_CASE("values that are fused are named, with the node that they are part of") {
  const Folder folder;
  const Graph graph = small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  const ReferenceDump dump(write_dump<double>(folder / "D.h5", graph, parameters));
  const Verification result = verify_as_run(dump, graph, parameters);
  CHECK(row_of(result, "bn1").fused_into == "conv1");
  CHECK(row_of(result, "conv1").fused_into == "conv1");
  CHECK(row_of(result, "relu").fused_into.empty());
  CHECK(row_of(result, "layer1.0.bn2").fused_into == "layer1.0.conv2");
  CHECK(result.fused == static_cast<int>(fused(result, false).size()));
  // The gradient that a ReLU within a node passes on is still written: it is the one before the ReLU.
  const Names before_relu = fused(result, true);
  CHECK(before_relu.count("bn1") == 1);
  CHECK(before_relu.count("layer1.0.bn1") == 1);
  CHECK(before_relu.count("conv1") == 0);
  CHECK(before_relu.count("layer1.0.bn2") == 0);
  CHECK(!row_of(result, "relu").backward.end_to_end);

  const Verification unfused = verify_as_run(dump, graph, parameters, {.fuse = false});
  CHECK(fused(unfused, false).count("conv1") == 1);  // folded
  CHECK(fused(unfused, false).count("bn1") == 0);
  const Verification plain = verify_as_run(dump, graph, parameters, {.fold = false, .fuse = false});
  CHECK(plain.fused == 0);
  CHECK(worst(plain, &Distances::end_to_end) == 0);
}

TEST_CASE("a sign that differs within a fused node is a kink, and no bug") {
  const Folder folder;
  for (const Graph& graph : {small_resnet(true, 3), small_vgg(3)})
    for (const ReluRule rule : rules) {
      const ReferenceDump dump(write_dump<double>(
          folder / "D.h5", graph, random_parameters(graph, Precision::float64), {.rule = rule}));
      const Verification result = verify_as_run(dump, graph, random_parameters(graph, Precision::float32));
      CHECK(result.verdict() != Verdict::bug);
      CHECK(result.held);
      CHECK(worst(result, &Distances::local) > 1e-9);  // float32 it is
      CHECK(worst(result, &Distances::local) <= 1e-5);
      CHECK(worst(result, &Distances::held) <= 1e-4);
    }
}

TEST_CASE("a parameter that differs is found at the node that it has become part of") {
  const Folder folder;
  for (const Graph& graph : {small_resnet(false), small_resnet(true), small_vgg()}) {
    const ReferenceDump dump(
        write_dump<double>(folder / "D.h5", graph, random_parameters(graph, Precision::float64)));
    const Graph run = apply_passes(graph, random_parameters(graph, Precision::float64)).graph;
    for (const Node& node : graph.nodes())
      for (const ParameterId id : node.parameters) {
        const std::string& name = graph.parameter(id).name;
        CAPTURE(name);
        auto parameters = random_parameters(graph, Precision::float64);
        std::vector<double> elements = parameters->at(name).copy<double>();
        for (double& element : elements) element = 1.1 * element + 0.01;
        parameters->at(name).assign(std::span<const double>(elements));
        const Verification result = verify_as_run(dump, graph, parameters);
        CHECK(result.verdict() == Verdict::bug);
        const std::string& value = graph.value(node.output).name;
        std::string home, last;
        for (const Node& whole : run.nodes()) {
          const std::string& made = run.value(whole.output).name;
          if (made == value || std::ranges::find(whole.absorbed, value) != whole.absorbed.end())
            home = whole.name, last = made;
        }
        CHECK(locally_off(result, &VerifiedValue::forward) == Names{last});
        REQUIRE(result.first_divergent());
        CHECK(result.first_divergent()->name == last);
        CHECK(result.first_divergent()->blame == "forward of " + home);
      }
  }
}

TEST_CASE("a ReLU within a node that sends back by another rule is named") {
  const Folder folder;
  const Graph graph = small_vgg();
  const auto parameters = random_parameters(graph, Precision::float64);
  const fs::path path = write_dump<double>(folder / "D.h5", graph, parameters);
  // To the dump, a guided network is one whose every ReLU is wrong in the backward, and nothing else.
  edit(path, [](hid_t file) { set_text(file, "rule", "guided"); });
  const Verification result = verify_as_run(ReferenceDump(path), graph, parameters);
  CHECK(result.verdict() == Verdict::bug);
  CHECK(locally_off(result, &VerifiedValue::forward).empty());
  CHECK(locally_off(result, &VerifiedValue::backward) == Names{"classifier.0", "features.3", "features.0"});
  REQUIRE(result.first_divergent());
  CHECK(result.first_divergent()->name == "classifier.0");
  CHECK(result.first_divergent()->blame == "backward of classifier.2 or the ReLU of classifier.0");
}

TEST_CASE("signs are held only where the dump says what the ReLU within a node made") {
  const Folder folder;
  const Graph graph = small_vgg();
  const auto parameters = random_parameters(graph, Precision::float64);
  const fs::path path = folder / "D.h5";
  for (const bool all : {true, false}) {
    std::set<std::string> nodes{"features.1", "classifier.1", "classifier.3"};
    if (all) nodes.insert("features.4");
    const ReferenceDump dump(write_dump<double>(path, graph, parameters, {.only = nodes}));
    const Verification result = verify_as_run(dump, graph, parameters);
    CHECK(result.verdict() == Verdict::pass);
    CHECK(result.held == all);
  }
}
