#include "layers/passes/fold_batchnorm.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "layers/add.h"
#include "layers/network.h"
#include "layers/relu.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;
using testing::run;
using testing::uniform;

int count(const Graph& graph, std::string_view kind) {
  const auto is_of_kind = [&](const Node& node) { return node.op->kind() == kind; };
  return static_cast<int>(std::count_if(graph.nodes().begin(), graph.nodes().end(), is_of_kind));
}

/// Folds and compares logits and image gradient; returns what was folded.
FoldedNetwork checked(const Graph& graph) {
  const auto parameters = random_parameters(graph, Precision::float64);
  FoldedNetwork folded = fold_batchnorm(graph, parameters);
  CHECK(count(folded.graph, "batchnorm") == count(graph, "batchnorm") - folded.folded);
  const Shape &input = graph.value(0).shape, &output = graph.value(graph.output()).shape;
  const std::vector<double> x = uniform(input.elements(), 1), seed = uniform(output.elements(), 2);
  Session before(graph, parameters, differentiate(graph, graph.output(), {0}));
  Session after(folded.graph, folded.parameters,
                differentiate(folded.graph, folded.graph.output(), {folded.graph.at(graph.value(0).name)}));
  const auto a = run<double>(before, x, seed), b = run<double>(after, x, seed);
  CHECK(relative_distance(b.output, a.output) < 1e-12);
  CHECK(relative_distance(b.gradient, a.gradient) < 1e-12);
  return folded;
}

TEST_CASE("folded networks compute what they computed") {
  CHECK(checked(testing::small_resnet(false)).folded == 6);
  CHECK(checked(testing::small_resnet(true)).folded == 8);
  CHECK(checked(build_network("cifar_resnet20", {.input_size = 16})).folded == 19);
}

TEST_CASE("a folded convolution keeps its name, its value the batchnorm's") {
  const FoldedNetwork folded = checked(testing::small_resnet(false));
  const Value& value = folded.graph.value(folded.graph.at("bn1"));
  CHECK(folded.graph.node(value.producer).name == "conv1");
  CHECK_FALSE(folded.graph.find("conv1"));
  CHECK(folded.parameters->contains("conv1.bias"));
  CHECK_FALSE(folded.parameters->contains("bn1.weight"));
}

TEST_CASE("a bias, groups and other batchnorms are folded too") {
  Graph graph;
  Builder net(graph);
  ConvOptions options = ConvOptions::square(6, 3, 2, 1, true);
  options.groups = 2;
  ValueId x = net.conv("conv", graph.input("input", {2, 4, 7, 7}), options);
  x = graph.add("bn", std::make_shared<BatchNorm>(BatchNorm::Mode::inference, 0.25), {x});
  net.relu("relu", x);
  CHECK(checked(graph).folded == 1);
}

TEST_CASE("a batchnorm that cannot be folded stays") {
  SUBCASE("after a pool") {
    Graph graph;
    Builder net(graph);
    const ValueId x =
        net.conv("conv", graph.input("input", {2, 3, 8, 8}), ConvOptions::square(4, 3, 1, 1, true));
    net.batchnorm("bn", net.max_pool("pool", x, {}));
    CHECK(checked(graph).folded == 0);
  }
  SUBCASE("after a convolution that another node reads too") {
    Graph graph;
    Builder net(graph);
    const ValueId x =
        net.conv("conv", graph.input("input", {2, 3, 8, 8}), ConvOptions::square(4, 3, 1, 1, true));
    net.add("add", net.relu("relu", net.batchnorm("bn", x)), x);
    CHECK(checked(graph).folded == 0);
  }
  SUBCASE("at the input") {
    Graph graph;
    Builder net(graph);
    net.conv("conv", net.batchnorm("bn", graph.input("input", {2, 3, 8, 8})),
             ConvOptions::square(4, 3, 1, 1, true));
    CHECK(checked(graph).folded == 0);
  }
  SUBCASE("in training") {
    CHECK(checked(testing::small_resnet(false, 2, BatchNorm::Mode::training)).folded == 0);
  }
  SUBCASE("beside one that can") {
    Graph graph;
    Builder net(graph);
    ValueId x = net.conv("conv", graph.input("input", {2, 3, 8, 8}), ConvOptions::square(4, 3, 1, 1, true));
    x = net.batchnorm("bn2", net.relu("relu", net.batchnorm("bn1", x)));
    CHECK(checked(graph).folded == 1);
  }
}

}  // namespace
}  // namespace backlight
