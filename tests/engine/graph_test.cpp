#include "engine/graph.h"

#include <doctest/doctest.h>

#include "engine/error.h"
#include "layers/relu.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

TEST_CASE("names of a graph are unique") {
  Graph graph;
  const ValueId x = graph.input("x", {1, 4});
  const auto relu = std::make_shared<Relu>();
  graph.add("relu", relu, {x}, "y");
  CHECK_THROWS_WITH_AS(graph.input("x", {1, 4}), "graph: there are two values called 'x'", Error);
  CHECK_THROWS_AS(graph.add("other", relu, {x}, "y"), Error);
  CHECK_THROWS_AS(graph.add("x", relu, {x}), Error);
  // Two nodes of a name would have parameters of one name.
  CHECK_THROWS_WITH_AS(graph.add("relu", relu, {x}, "z"), "graph: there are two nodes called 'relu'", Error);
  CHECK(graph.nodes().size() == 1);
  CHECK(graph.values().size() == 2);
}

TEST_CASE("values are found by name") {
  const Graph graph = testing::small_resnet(false);
  CHECK(graph.value(graph.at("layer1.0")).name == "layer1.0");
  CHECK(graph.value(graph.output()).name == "fc");
  CHECK_FALSE(graph.find("layer1.7"));
  CHECK_THROWS_WITH_AS(graph.at("layer1.7"), "the network has no value called 'layer1.7'", UsageError);
}

TEST_CASE("parameters are called as in the state dict, in its order") {
  const Graph graph = testing::small_resnet(false);
  std::vector<std::string> first;
  for (std::size_t i = 0; i < 6; ++i) first.push_back(graph.parameters()[i].name);
  CHECK(first == std::vector<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean",
                                          "bn1.running_var", "layer1.0.conv1.weight"});
}

}  // namespace
}  // namespace backlight
