// The rules that are no derivatives, against values worked out by hand; and that they hold for every ReLU.
#include <doctest/doctest.h>

#include "layers/add.h"
#include "layers/linear.h"
#include "layers/relu.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using Values = std::vector<double>;

Values gradient_by(const Graph& graph, const std::shared_ptr<const Parameters>& parameters, ReluRule rule,
                   const Values& x, const Values& seed) {
  Session session(graph, parameters, differentiate(graph, graph.output(), {0}, rule));
  return testing::run<double>(session, x, seed).gradient;
}

const auto no_parameters = std::make_shared<Parameters>(Precision::float64);

TEST_CASE("the three rules of one ReLU") {
  Graph graph;
  graph.add("relu", std::make_shared<Relu>(), {graph.input("x", {1, 6})});
  const Values x{1, 2, -3, -4, 0, 5}, g{7, -8, 9, -10, 11, 0};
  const auto by = [&](ReluRule rule) { return gradient_by(graph, no_parameters, rule, x, g); };
  CHECK(by(ReluRule::gradient) == Values{7, -8, 0, 0, 0, 0});
  CHECK(by(ReluRule::guided) == Values{7, 0, 0, 0, 0, 0});
  CHECK(by(ReluRule::deconvnet) == Values{7, 0, 9, 0, 11, 0});
}

TEST_CASE("the rules at a ReLU whose gradient is added to another") {
  // y = relu(x) + relu(x) + x
  Graph graph;
  const ValueId x = graph.input("x", {1, 4});
  const ValueId a = graph.add("a", std::make_shared<Relu>(), {x}),
                b = graph.add("b", std::make_shared<Relu>(), {x});
  graph.add("y", std::make_shared<AddOp>(), {graph.add("ab", std::make_shared<AddOp>(), {a, b}), x});
  const Values at{1, 2, -3, -4}, g{5, -6, 7, -8};
  const auto by = [&](ReluRule rule) { return gradient_by(graph, no_parameters, rule, at, g); };
  CHECK(by(ReluRule::gradient) == Values{15, -18, 7, -8});
  CHECK(by(ReluRule::guided) == Values{15, -6, 7, -8});
  CHECK(by(ReluRule::deconvnet) == Values{15, -6, 21, -8});
}

TEST_CASE("the rules through two layers") {
  // h = relu(W1·x), y = relu(W2·h), x = (1, 2)
  // W1 = (1 0; −1 1; 1 −1): h before = (1, 1, −1);  W2 = (1 −2 3; 2 1 −1): y before = (−1, 3)
  Graph graph;
  ValueId v = graph.add("w1", std::make_shared<Linear>(3, false), {graph.input("x", {1, 2})});
  v = graph.add("w2", std::make_shared<Linear>(2, false), {graph.add("h", std::make_shared<Relu>(), {v})});
  graph.add("y", std::make_shared<Relu>(), {v});
  auto parameters = std::make_shared<Parameters>(Precision::float64);
  parameters->add("w1.weight", {3, 2}).assign(std::span<const double>(Values{1, 0, -1, 1, 1, -1}));
  parameters->add("w2.weight", {2, 3}).assign(std::span<const double>(Values{1, -2, 3, 2, 1, -1}));
  const auto by = [&](ReluRule rule, const Values& seed) {
    return gradient_by(graph, parameters, rule, {1, 2}, seed);
  };
  // gradient and guided: y passes (0, 1); at h arrive (2, 1, −1), of which (2, 1, 0) pass
  CHECK(by(ReluRule::gradient, {1, 1}) == Values{1, 1});
  CHECK(by(ReluRule::guided, {1, 1}) == Values{1, 1});
  // deconvnet: y passes (1, 1); at h arrive (3, −1, 2), of which (3, 0, 2) pass
  CHECK(by(ReluRule::deconvnet, {1, 1}) == Values{5, -2});
  // a negative seed: the gradient changes its sign, the others stop at y
  CHECK(by(ReluRule::gradient, {1, -1}) == Values{-1, -1});
  CHECK(by(ReluRule::guided, {1, -1}) == Values{0, 0});
  CHECK(by(ReluRule::deconvnet, {1, -1}) == Values{1 + 3, -3});  // (1, −2, 3), of which (1, 0, 3) pass
}

}  // namespace
}  // namespace backlight
