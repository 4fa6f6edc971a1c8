#include "engine/optimizer.h"

#include <doctest/doctest.h>

#include "layers/linear.h"
#include "networks.h"

namespace backlight {
namespace {

/// y = w·x + b of one number: the seed is the gradient of b, and x times it that of w.
struct Line {
  Graph graph;
  std::shared_ptr<Parameters> parameters = std::make_shared<Parameters>(Precision::float64);
  std::unique_ptr<Session> session;

  Line() {
    graph.input("x", {1, 1});
    graph.add("fc", std::make_shared<Linear>(1), {0});
    parameters->add("fc.weight", {1, 1}).assign(std::span<const double>(std::vector<double>{3}));
    parameters->add("fc.bias", {1}).assign(std::span<const double>(std::vector<double>{1}));
    session = std::make_unique<Session>(graph, parameters,
                                        differentiate(graph, graph.output(), {}, ReluRule::gradient, true));
  }
  void backward(double x, double seed) {
    session->set("x", std::span<const double>(std::vector<double>{x}));
    session->forward();
    session->backward(std::span<const double>(std::vector<double>{seed}));
  }
  double at(const char* name) const { return parameters->at(name).as<double>()[0]; }
};

TEST_CASE("sgd follows the gradient with momentum") {
  Line line;
  Optimizer optimizer(line.graph, line.parameters, {.momentum = 0.5});
  line.backward(2, 1);
  optimizer.step(*line.session, 0.25);
  CHECK(line.at("fc.weight") == 3 - 0.25 * 2);
  CHECK(line.at("fc.bias") == 1 - 0.25);
  line.backward(4, 1);
  optimizer.step(*line.session, 0.5);
  CHECK(line.at("fc.weight") == 2.5 - 0.5 * (0.5 * 2 + 4));
  CHECK(optimizer.steps() == 2);
  CHECK(optimizer.state().names() == std::vector<std::string>{"velocity.fc.bias", "velocity.fc.weight"});
}

TEST_CASE("adamw's first step has the length of the rate, whatever the gradient") {
  for (const double seed : {1e-3, 5.0, -700.0}) {
    Line line;
    Optimizer optimizer(line.graph, line.parameters, {.method = OptimizerOptions::Method::adamw});
    line.backward(2, seed);
    optimizer.step(*line.session, 0.125);
    CHECK(line.at("fc.bias") == doctest::Approx(1 - (seed > 0 ? 0.125 : -0.125)).epsilon(1e-4));
  }
}

TEST_CASE("what a session has packed of the parameters does not outlive a step") {
  const Graph graph = testing::small_resnet(false);
  const auto parameters = testing::random_parameters(graph, Precision::float32);
  Session session(graph, parameters, differentiate(graph, graph.output(), {}, ReluRule::gradient, true));
  const std::vector<double> x = testing::uniform(graph.value(0).shape.elements(), 1);
  const std::vector<double> seed = testing::uniform(10, 2);
  session.set("input", std::span<const double>(x));
  session.forward();
  session.backward(std::span<const double>(seed));
  Optimizer(graph, parameters, {}).step(session, 0.01);
  session.forward();
  // Another set of the same numbers, of which nothing has been packed yet.
  const auto copies = std::make_shared<Parameters>();
  for (const std::string& name : parameters->names())
    copies->add(name, parameters->shape(name)).assign(std::span<const double>(parameters->values(name)));
  Session fresh(graph, copies);
  fresh.set("input", std::span<const double>(x));
  fresh.forward();
  CHECK(session.value<float>("fc") == fresh.value<float>("fc"));
}

TEST_CASE("an optimizer needs parameter gradients, and a name that there is") {
  Line line;
  Session blind(line.graph, line.parameters, differentiate(line.graph, line.graph.output(), {0}));
  Optimizer optimizer(line.graph, line.parameters, {});
  CHECK_THROWS_AS(optimizer.step(blind, 0.1), UsageError);
  CHECK(optimizer_from_name("adamw") == OptimizerOptions::Method::adamw);
  CHECK_THROWS_AS(optimizer_from_name("adam"), UsageError);
}

}  // namespace
}  // namespace backlight
