#include "engine/session.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "engine/error.h"
#include "layers/network.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;
using testing::run;
using testing::uniform;
using Doubles = std::vector<double>;

const Doubles x = uniform(2 * 3 * 9 * 9, 1), seed = uniform(2 * 5, 2);

TEST_CASE("what was not kept cannot be read") {
  const Graph graph = testing::small_resnet(false);
  Session session(graph, random_parameters(graph, Precision::float64),
                  differentiate(graph, graph.output(), {0}), {.keep = {"layer1.0"}});
  run<double>(session, x, seed);
  CHECK(session.value<double>("layer1.0").size() == 2 * 8 * 5 * 5);
  CHECK(session.value<double>("input") == x);
  CHECK_NOTHROW(session.value<double>("fc"));
  CHECK_THROWS_WITH_AS(session.value<double>("relu"),
                       "value 'relu' was not kept: name it in SessionOptions::keep", UsageError);
  CHECK_THROWS_WITH_AS(session.gradient<double>("layer1.0"), doctest::Contains("'layer1.0' was not kept"),
                       UsageError);
  CHECK_THROWS_AS(session.parameter_gradient<double>("fc.weight"), UsageError);
  CHECK_THROWS_AS(session.parameter_gradient<double>("no.weight"), UsageError);
  CHECK_THROWS_AS(session.value<double>("nothing"), UsageError);
  CHECK_THROWS_AS(session.forward(true), UsageError);
}

TEST_CASE("requests that make no sense") {
  const Graph graph = testing::small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  Session session(graph, parameters);
  session.forward();
  CHECK_THROWS_WITH_AS(session.backward(std::span<const double>(seed)),
                       doctest::Contains("made without a differentiation"), UsageError);
  CHECK_THROWS_AS(session.gradient<double>("input"), UsageError);
  CHECK_THROWS_WITH_AS(session.set("input", std::span<const double>(seed)),
                       "a value of shape 2x3x9x9 was given 10 elements", UsageError);
  CHECK_THROWS_WITH_AS(session.set("relu", std::span<const double>(x)),
                       "value 'relu' is no input of the network: a node makes it", UsageError);
  CHECK_THROWS_AS(Session(graph, parameters, {}, {.threads = 0}), UsageError);
  CHECK_THROWS_AS(Session(graph, parameters, {}, {.keep = {"nothing"}}), UsageError);
}

TEST_CASE("parameters that are missing or of another shape") {
  const Graph graph = testing::small_vgg(1);
  auto parameters = std::make_shared<Parameters>();
  CHECK_THROWS_WITH_AS(Session(graph, parameters),
                       "parameter 'features.0.weight': the weights have none of this name", Error);
  parameters->add("features.0.weight", {6, 3, 3, 1});
  CHECK_THROWS_WITH_AS(Session(graph, parameters),
                       "parameter 'features.0.weight': the network needs 6x3x3x3, the weights have 6x3x3x1",
                       Error);
  CHECK_THROWS_AS(parameters->add("features.0.weight", {1}), Error);
}

TEST_CASE("running twice gives the same bits, and other parameters take effect when told") {
  const Graph graph = testing::small_resnet(true);
  const auto parameters = random_parameters(graph, Precision::float32);
  Session session(graph, parameters, differentiate(graph, graph.output(), {0}));
  const auto first = run<float>(session, x, seed);
  CHECK(run<float>(session, x, seed) == first);
  const auto other = random_parameters(graph, Precision::float32, 99);
  for (const char* name : {"conv1.weight", "fc.weight"})
    parameters->at(name).assign(std::span<const float>(other->at(name).copy<float>()));
  parameters->changed("conv1.weight");
  parameters->changed("fc.weight");
  const auto changed = run<float>(session, x, seed);
  Session fresh(graph, parameters, differentiate(graph, graph.output(), {0}));
  CHECK(changed == run<float>(fresh, x, seed));
  CHECK(changed.output != first.output);
}

TEST_CASE("the reference kernels give what the fast ones do, to rounding") {
  for (const bool bottleneck : {false, true}) {
    const Graph graph = testing::small_resnet(bottleneck);
    const auto parameters = random_parameters(graph, Precision::float64);
    const Differentiation d = differentiate(graph, graph.output(), {0}, ReluRule::gradient, true);
    Session fast(graph, parameters, d, {.threads = 2, .keep_all = true}),
        reference(graph, parameters, d, {.keep_all = true, .kernel = "ref"});
    const auto a = run<double>(fast, x, seed), b = run<double>(reference, x, seed);
    for (const Value& value : graph.values()) {
      CAPTURE(value.name);
      CHECK(relative_distance(fast.value<double>(value.name), reference.value<double>(value.name)) < 1e-12);
      CHECK(relative_distance(fast.gradient<double>(value.name), reference.gradient<double>(value.name)) <
            1e-12);
    }
    for (const Parameter& parameter : graph.parameters())
      if (parameter.role == ParameterSpec::Role::trainable)
        CHECK(relative_distance(fast.parameter_gradient<double>(parameter.name),
                                reference.parameter_gradient<double>(parameter.name)) < 1e-12);
    CHECK(a.gradient != b.gradient);  // they add in another order: another kernel did run
  }
}

TEST_CASE("the simt device gives what the processor does, to rounding") {
  const Graph graph = testing::small_resnet(true);
  const auto parameters = random_parameters(graph, Precision::float64);
  const auto on_simt = random_parameters(graph, Precision::float64, 1, Device::simt);
  CHECK_THROWS_WITH_AS(Session(graph, parameters, {}, {.device = Device::simt}),
                       "a session on simt was given parameters that are on cpu", UsageError);
  CHECK_THROWS_AS(on_simt->at("fc.weight").as<double>(), std::logic_error);
  for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet}) {
    const Differentiation d = differentiate(graph, graph.output(), {0}, rule, rule == ReluRule::gradient);
    Session cpu(graph, parameters, d), simt(graph, on_simt, d, {.device = Device::simt});
    const auto a = run<double>(simt, x, seed), b = run<double>(cpu, x, seed);
    CHECK(relative_distance(a.output, b.output) < 1e-12);
    CHECK(relative_distance(a.gradient, b.gradient) < 1e-12);
    if (d.parameters)
      CHECK(relative_distance(simt.parameter_gradient<double>("conv1.weight"),
                              cpu.parameter_gradient<double>("conv1.weight")) < 1e-12);
  }
}

TEST_CASE("float32 is near float64") {
  const Graph graph = testing::small_resnet(false);
  const Differentiation d = differentiate(graph, graph.output(), {0});
  Session single(graph, random_parameters(graph, Precision::float32), d),
      twofold(graph, random_parameters(graph, Precision::float64), d);
  const auto a = run<double>(single, x, seed), b = run<double>(twofold, x, seed);
  CHECK(relative_distance(a.output, b.output) < 1e-5);
  CHECK(relative_distance(a.gradient, b.gradient) < 1e-5);
  CHECK(a.gradient != b.gradient);
}

TEST_CASE("a watcher sees every value and every gradient once, when it is complete") {
  const Graph graph = testing::small_resnet(false);
  Session session(graph, random_parameters(graph, Precision::float64),
                  differentiate(graph, graph.output(), {0}), {.keep_all = true});
  std::vector<ValueId> values, gradients;
  std::vector<Doubles> seen_values, seen_gradients;
  session.watch({[&](ValueId id) {
                   values.push_back(id);
                   seen_values.push_back(session.value<double>(graph.value(id).name));
                 },
                 [&](ValueId id) {
                   gradients.push_back(id);
                   seen_gradients.push_back(session.gradient<double>(graph.value(id).name));
                 }});
  run<double>(session, x, seed);
  REQUIRE(values.size() == graph.nodes().size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i] == graph.nodes()[i].output);
    CHECK(seen_values[i] == session.value<double>(graph.value(values[i]).name));
  }
  CHECK(gradients.size() == graph.values().size());
  CHECK(gradients.front() == graph.output());
  CHECK(gradients.back() == 0);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    CAPTURE(graph.value(gradients[i]).name);
    CHECK(seen_gradients[i] == session.gradient<double>(graph.value(gradients[i]).name));
  }
  session.watch({});
  run<double>(session, x, seed);
  CHECK(values.size() == graph.nodes().size());
}

TEST_CASE("a watcher sees a wanted gradient that is sent no further") {
  const Graph graph = testing::small_resnet(false);
  const ValueId wanted = graph.at("layer1.0");
  Session session(graph, random_parameters(graph, Precision::float64),
                  differentiate(graph, graph.output(), {wanted}), {.keep_all = true});
  int times = 0;
  session.watch({.gradient_ready = [&](ValueId id) { times += id == wanted; }});
  session.set("input", std::span<const double>(x));
  session.forward();
  session.backward(std::span<const double>(seed));
  CHECK(times == 1);
}

TEST_CASE("what a watcher writes is what the next node reads") {
  const Graph graph = testing::small_resnet(false);
  Session session(graph, random_parameters(graph, Precision::float64),
                  differentiate(graph, graph.output(), {0}), {.keep_all = true});
  const Doubles plain = run<double>(session, x, seed).gradient;
  const ValueId middle = graph.at("layer1.0");
  const Doubles value = uniform(graph.value(middle).shape.elements(), 4);
  session.watch({.value_ready = [&](ValueId id) {
    if (id == middle) session.overwrite_value(id, std::span<const double>(value));
  }});
  run<double>(session, x, seed);
  CHECK(session.value<double>("layer1.0") == value);
  session.watch({.gradient_ready = [&](ValueId id) {
    Doubles gradient = session.gradient<double>(graph.value(id).name);
    for (double& g : gradient) g *= 2;
    if (id == middle) session.overwrite_gradient(id, std::span<const double>(gradient));
  }});
  const Doubles twice = run<double>(session, x, seed).gradient;
  for (std::size_t i = 0; i < plain.size(); ++i) REQUIRE(twice[i] == 2 * plain[i]);
}

TEST_CASE("batchnorm in training moves its running statistics, as PyTorch does") {
  Graph graph;
  Builder(graph, BatchNorm::Mode::training).batchnorm("bn", graph.input("x", {2, 1, 1, 2}));
  auto parameters = std::make_shared<Parameters>(Precision::float64);
  for (const auto& [name, value] : {std::pair("weight", 1.0), std::pair("bias", 0.0),
                                    std::pair("running_mean", 10.0), std::pair("running_var", 1.0)})
    parameters->add(std::string("bn.") + name, {1}).assign(std::span<const double>(Doubles{value}));
  Session session(graph, parameters);
  session.set("x", std::span<const double>(Doubles{1, 2, 3, 6}));
  session.forward();
  CHECK(parameters->at("bn.running_mean").copy<double>()[0] == doctest::Approx(0.9 * 10 + 0.1 * 3));
  CHECK(parameters->at("bn.running_var").copy<double>()[0] ==
        doctest::Approx(0.9 + 0.1 * 14.0 / 3));  // unbiased
}

TEST_CASE("replay reaches what no gradient passes, and works without a differentiation") {
  const Graph graph = testing::small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  for (const bool differentiated : {false, true}) {
    Session session(graph, parameters,
                    differentiated
                        ? std::optional(differentiate(graph, graph.output(), {graph.at("layer1.0")}))
                        : std::nullopt,
                    {.keep_all = true});
    session.set("input", std::span<const double>(x));
    session.forward();
    const Doubles logits = session.value<double>("fc");
    session.forward(true);
    CHECK(session.value<double>("fc") == logits);
  }
}

TEST_CASE("one thread means one thread") {
  // Nothing may start more: neither oneTBB nor Eigen. (Alone in its process, as CTest runs it, this can
  // fail.)
  const auto threads = [] {
    const std::filesystem::directory_iterator all("/proc/self/task");
    return std::distance(begin(all), end(all));
  };
  const auto before = threads();
  const Graph graph = build_network("cifar_resnet20", {});
  Session session(graph, random_parameters(graph, Precision::float64),
                  differentiate(graph, graph.output(), {0}));
  run<double>(session, uniform(3 * 224 * 224, 1), uniform(1000, 2));
  CHECK(threads() == before);
}

}  // namespace
}  // namespace backlight
