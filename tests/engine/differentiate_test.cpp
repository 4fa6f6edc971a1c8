#include "engine/differentiate.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/error.h"
#include "engine/gradcheck.h"
#include "layers/network.h"
#include "layers/relu.h"
#include "layers/softmax.h"
#include "tests/engine/random_graph.h"

namespace backlight {
namespace {

TEST_CASE("for the image alone no parameter gradient is expressed or has memory") {
  const Graph graph = testing::small_resnet(false);
  const Differentiation image = differentiate(graph, graph.output(), {0});
  CHECK(image.steps.size() == graph.nodes().size());
  for (const BackwardStep& step : image.steps) CHECK_FALSE(step.parameters);
  for (const int block : make_plan(graph, &image, {}).parameter_gradients) CHECK(block == Plan::none);
}

TEST_CASE("for the parameters alone the image has no gradient") {
  const Graph graph = testing::small_resnet(false);
  const Differentiation d = differentiate(graph, graph.output(), {}, ReluRule::gradient, true);
  CHECK_FALSE(d.reaches(graph, 0));
  const Plan plan = make_plan(graph, &d, {});
  CHECK(plan.gradients[0] == Plan::none);
  for (ParameterId id = 0; id < static_cast<ParameterId>(graph.parameters().size()); ++id)
    CHECK((plan.parameter_gradients[static_cast<std::size_t>(id)] != Plan::none) ==
          (graph.parameter(id).role == ParameterSpec::Role::trainable));
  // The first convolution's step is there for its weights, not for its input.
  CHECK(graph.node(d.steps.back().node).name == "conv1");
  CHECK(d.steps.back().parameters);
  CHECK_FALSE(d.steps.back().inputs[0]);
}

TEST_CASE("the walk stops at the wanted value, and begins at the target") {
  const Graph graph = testing::small_resnet(false);
  const Differentiation d = differentiate(graph, graph.at("layer1.1"), {graph.at("layer1.0")});
  CHECK(graph.node(d.steps.front().node).name == "layer1.1");
  for (const BackwardStep& step : d.steps) CHECK(graph.node(step.node).name.starts_with("layer1.1"));
}

TEST_CASE("what does not lead to the target has no gradient") {
  Graph graph;
  Builder net(graph);
  const ValueId a = graph.input("a", {1, 4}), b = graph.input("b", {1, 4});
  const ValueId y = net.relu("y", a), z = net.relu("z", b), after = net.relu("after", y);
  CHECK_THROWS_WITH_AS(differentiate(graph, y, {b}), "'y' does not depend on 'b': there is no gradient",
                       UsageError);
  CHECK_THROWS_AS(differentiate(graph, y, {a, b}), UsageError);
  CHECK_THROWS_AS(differentiate(graph, y, {after}), UsageError);
  CHECK_THROWS_AS(differentiate(graph, y, {z}), UsageError);
  CHECK(differentiate(graph, y, {y}).steps.empty());
}

TEST_CASE("what an op has no gradient for is found before a session is made") {
  Graph graph;
  Builder net(graph);
  const ValueId x = graph.input("x", {2, 4}), labels = graph.input("labels", {2});
  const ValueId relu = net.relu("relu", labels);  // the labels of a network that makes them
  const ValueId loss = graph.add("loss", std::make_shared<CrossEntropy>(), {x, relu});
  CHECK_THROWS_WITH_AS(differentiate(graph, loss, {labels}),
                       "node 'loss' (cross_entropy) has no gradient for its input 'relu'", UsageError);
  CHECK(differentiate(graph, loss, {x}).steps.size() == 1);
}

TEST_CASE("every ReLU on the way is counted") {
  const Graph graph = build_network("resnet50", {});
  const ValueId image = graph.at("image");
  const auto relus = [&](ValueId target, ValueId wanted) {
    const Count count = count_relus(graph, differentiate(graph, target, {wanted}, ReluRule::guided));
    return std::pair(count.passed, count.all);
  };
  CHECK(relus(graph.output(), image) == std::pair(49, 49));
  CHECK(relus(graph.at("layer1.0"), image) == std::pair(4, 49));
  CHECK(relus(graph.at("bn1"), image) == std::pair(0, 49));
}

TEST_CASE("rules have names") {
  for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet})
    CHECK(relu_rule_from_name(to_string(rule)) == rule);
  CHECK_THROWS_AS(relu_rule_from_name("Guided"), UsageError);
}

/// Whether `to` depends on `from`: the plainest way there is to say it.
bool leads(const Graph& graph, ValueId from, ValueId to) {
  if (from == to) return true;
  if (graph.value(to).producer < 0) return false;
  const auto& inputs = graph.node(graph.value(to).producer).inputs;
  return std::any_of(inputs.begin(), inputs.end(), [&](ValueId id) { return leads(graph, from, id); });
}

TEST_CASE("in random graphs exactly the paths from wanted values to the target are walked") {
  int refused = 0, walked = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const testing::Request r = testing::random_request(seed);
    const bool possible = std::all_of(r.wanted.begin(), r.wanted.end(),
                                      [&](ValueId id) { return leads(r.graph, id, r.target); });
    if (!possible) {
      CHECK_THROWS_AS(differentiate(r.graph, r.target, r.wanted), UsageError);
      ++refused;
      continue;
    }
    const Differentiation d = differentiate(r.graph, r.target, r.wanted);
    const auto on_path = [&](ValueId id) {
      return leads(r.graph, id, r.target) &&
             std::any_of(r.wanted.begin(), r.wanted.end(),
                         [&](ValueId wanted) { return leads(r.graph, wanted, id); });
    };
    for (NodeId id = 0; id < static_cast<NodeId>(r.graph.nodes().size()); ++id) {
      const Node& node = r.graph.node(id);
      const auto step =
          std::find_if(d.steps.begin(), d.steps.end(), [&](const auto& s) { return s.node == id; });
      bool needed = false;
      for (const ValueId input : node.inputs) needed = needed || on_path(input);
      needed = needed && leads(r.graph, node.output, r.target);
      CHECK((step != d.steps.end()) == needed);
      walked += needed;
      if (step != d.steps.end())
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
          CHECK(step->inputs[i] == on_path(node.inputs[i]));
    }
  }
  CHECK(refused > 50);
  CHECK(walked > 500);
}

TEST_CASE("the gradients of random graphs are those of central differences") {
  int checked = 0, skipped = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    testing::Request r = testing::random_request(seed);
    std::map<std::string, std::vector<double>> inputs;
    std::vector<ValueId> wanted;
    for (ValueId id = 0; r.graph.value(id).producer < 0; ++id) {
      inputs[r.graph.value(id).name] = testing::uniform(120, seed + static_cast<unsigned>(id));
      if (leads(r.graph, id, r.target)) wanted.push_back(id);
    }
    const GradcheckReport report = gradcheck(
        r.graph, *testing::random_parameters(r.graph, Precision::float64), inputs,
        differentiate(r.graph, r.target, wanted, ReluRule::gradient, r.parameters), {.elements = 8});
    CAPTURE(to_string(report));
    CHECK(report.worst < 1e-6);
    checked += report.checked;
    skipped += report.skipped;
  }
  CHECK(checked > 1500);
  CHECK(20 * skipped < checked);
}

}  // namespace
}  // namespace backlight
