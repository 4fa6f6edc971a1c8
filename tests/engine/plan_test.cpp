// The arena: nothing that is needed is ever overwritten, and nothing is read that was not written.
#include "engine/plan.h"

#include <doctest/doctest.h>

#include <cstring>
#include <optional>

#include "engine/error.h"
#include "layers/network.h"
#include "tests/engine/random_graph.h"

namespace backlight {
namespace {

using testing::random_request;
using testing::Request;
using testing::uniform;

std::optional<Differentiation> differentiation_of(const Request& r) {
  try {
    return differentiate(r.graph, r.target, r.wanted, ReluRule::gradient, r.parameters);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

void check_blocks(const Plan& plan) {
  for (const Block& a : plan.blocks) {
    CHECK(a.first <= a.last);
    CHECK(a.offset % 64 == 0);
    CHECK(a.offset + a.bytes <= plan.arena_bytes);
    for (const Block& b : plan.blocks) {
      const bool alive_together = a.first <= b.last && b.first <= a.last;
      const bool share = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      if (&a != &b) CHECK_FALSE((alive_together && share));
    }
  }
  CHECK(plan.arena_bytes <= plan.unplanned.total() + 64 * plan.blocks.size());
}

TEST_CASE("blocks of random graphs that are alive at the same time share no memory") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const Request r = random_request(seed);
    const auto d = differentiation_of(r);
    PlanOptions options;
    for (const std::string& name : r.keep) options.keep.push_back(r.graph.at(name));
    check_blocks(make_plan(r.graph, d ? &*d : nullptr, options));
    options.keep_all = true;
    check_blocks(make_plan(r.graph, d ? &*d : nullptr, options));
  }
}

TEST_CASE("blocks of real networks share no memory, and a plan saves most of it") {
  for (const char* name : {"resnet18", "resnet50", "vgg11", "cifar_resnet20"}) {
    CAPTURE(name);
    const Graph graph = build_network(name, {});
    const Differentiation d = differentiate(graph, graph.output(), {0});
    const Plan plan = make_plan(graph, &d, {});
    check_blocks(plan);
    CHECK(3 * plan.arena_bytes < plan.unplanned.total());
  }
}

/// What a caller may ask for after a run.
struct Results {
  std::vector<std::vector<float>> values, gradients, parameter_gradients;
  bool operator==(const Results&) const = default;
};

Results results(Session& session, const Request& r, bool differentiated) {
  for (int i = 0; i < 2; ++i)
    if (const std::string name = "input" + std::to_string(i); r.graph.find(name))
      session.set(name, std::span<const double>(uniform(120, static_cast<unsigned>(i + 1))));
  session.forward();
  if (differentiated) session.backward(std::span<const double>(uniform(120, 3)));
  Results all;
  for (const std::string& name : r.keep) all.values.push_back(session.value<float>(name));
  all.values.push_back(session.value<float>(r.graph.value(r.graph.output()).name));
  if (!differentiated) return all;
  for (const ValueId id : r.wanted) all.gradients.push_back(session.gradient<float>(r.graph.value(id).name));
  for (const BackwardStep& step : session.required_differentiation().steps)
    if (step.parameters)
      for (const ParameterId id : r.graph.node(step.node).parameters)
        if (r.graph.parameter(id).role == ParameterSpec::Role::trainable)
          all.parameter_gradients.push_back(session.parameter_gradient<float>(r.graph.parameter(id).name));
  return all;
}

/// Every byte of the arena becomes 0xff: NaN as a number, "every sign" as a mask, no place as a winner.
void spoil(Session& session) {
  const Plan& plan = session.plan();
  const Block& block = plan.blocks[static_cast<std::size_t>(plan.activations[0])];
  std::memset(session.value_tensor(0).data - block.offset, 0xff, plan.arena_bytes);
}

TEST_CASE("a planned session gives the bits of one that keeps everything, whatever lay in its memory") {
  int differentiated = 0, parameters_too = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const Request r = random_request(seed);
    const auto d = differentiation_of(r);
    const auto parameters = testing::random_parameters(r.graph, Precision::float32);
    Session keeping(r.graph, parameters, d, {.keep_all = true}),
        planned(r.graph, parameters, d, {.keep = r.keep});
    const Results expected = results(keeping, r, d.has_value());
    CHECK(results(planned, r, d.has_value()) == expected);
    CHECK(results(planned, r, d.has_value()) == expected);
    spoil(planned);
    CHECK(results(planned, r, d.has_value()) == expected);
    spoil(keeping);
    CHECK(results(keeping, r, d.has_value()) == expected);
    differentiated += d.has_value();
    parameters_too += !expected.parameter_gradients.empty();
  }
  CHECK(differentiated > 150);
  CHECK(parameters_too > 50);
}

TEST_CASE("the first to write a gradient sets it, the others add") {
  // x is read by a relu, twice by one add, and by the last add: 4 contributions.
  Graph graph;
  Builder net(graph);
  const ValueId x = graph.input("x", {1, 3});
  const ValueId sum = net.add("sum", net.relu("relu", x), net.add("twice", x, x));
  const ValueId y = net.add("y", sum, x);
  const Differentiation d = differentiate(graph, y, {x});
  const Plan plan = make_plan(graph, &d, {});
  int sets = 0, adds = 0;
  for (std::size_t step = 0; step < d.steps.size(); ++step)
    for (std::size_t i = 0; i < d.steps[step].inputs.size(); ++i)
      if (graph.node(d.steps[step].node).inputs[i] == x)
        (plan.steps[step].writes[i] == Write::set ? sets : adds) += 1;
  CHECK(sets == 1);
  CHECK(adds == 3);
  Session session(graph, std::make_shared<Parameters>(), d);
  session.set("x", std::span<const float>(std::vector<float>{1, -1, 2}));
  session.forward();
  session.backward(std::span<const float>(std::vector<float>{1, 10, 100}));
  CHECK(session.gradient<float>("x") == std::vector<float>{4, 30, 400});
}

TEST_CASE("what is not asked for has no memory") {
  const Graph graph = testing::small_resnet(false);
  const Plan forward = make_plan(graph, nullptr, {});
  for (const int block : forward.gradients) CHECK(block == Plan::none);
  for (std::size_t id = 0; id < graph.nodes().size(); ++id)
    if (graph.nodes()[id].op->kind() == "relu") CHECK(forward.saved[id] == Plan::none);
  const Differentiation d = differentiate(graph, graph.at("layer1.0"), {graph.at("relu")});
  const Plan part = make_plan(graph, &d, {});
  CHECK(part.gradients[static_cast<std::size_t>(graph.at("layer1.1"))] == Plan::none);
  CHECK(part.gradients[static_cast<std::size_t>(graph.at("bn1"))] == Plan::none);
}

}  // namespace
}  // namespace backlight
