#include "layers/passes/fold_input_scale.h"

#include <doctest/doctest.h>

#include "layers/network.h"
#include "layers/normalize.h"
#include "layers/passes/passes.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;
using testing::run;
using testing::uniform;

/// An image, normalised, before a padded convolution.
Graph normalised(const ConvOptions& options, bool read_twice = false) {
  Graph graph;
  Builder net(graph);
  const Normalization n;
  const ValueId x = graph.add("normalize", std::make_shared<Normalize>(n.mean, n.std),
                              {graph.input("image", {2, 3, 9, 8})}, "input");
  const ValueId y = net.conv("conv", x, options);
  if (read_twice) net.add("add", y, net.conv("other", x, options));
  return graph;
}

TEST_CASE("a convolution takes the image's scale into its weights, borders and gradient included") {
  for (const bool bias : {false, true}) {
    const Graph graph = normalised(ConvOptions::square(4, 3, 2, 1, bias));
    const auto parameters = random_parameters(graph, Precision::float64);
    const FoldedNetwork folded = fold_input_scale(graph, parameters);
    CHECK(folded.folded == 1);
    CHECK(folded.graph.find("input.unscaled"));
    CHECK_FALSE(folded.graph.find("input"));
    const Shape& output = graph.value(graph.output()).shape;
    const std::vector<double> x = uniform(2 * 3 * 72, 1, 0, 255), seed = uniform(output.elements(), 2);
    Session before(graph, parameters, differentiate(graph, graph.output(), {0}));
    Session after(folded.graph, folded.parameters, differentiate(folded.graph, folded.graph.output(), {0}));
    const auto a = run<double>(before, x, seed), b = run<double>(after, x, seed);
    CHECK(relative_distance(b.output, a.output) < 1e-13);
    CHECK(relative_distance(b.gradient, a.gradient) < 1e-13);
    // The gradient at the image is what the convolution writes.
    CHECK(after.program().backward.size() == 1);
    CHECK(before.program().backward.size() == 2);
  }
}

TEST_CASE("the image's scale stays where not one convolution can take it") {
  ConvOptions grouped = ConvOptions::square(6, 3, 1, 1, true);
  grouped.groups = 3;
  for (const Graph& graph : {normalised(grouped), normalised(ConvOptions::square(4, 3, 1, 1, true), true)}) {
    const auto parameters = random_parameters(graph, Precision::float32);
    const FoldedNetwork folded = fold_input_scale(graph, parameters);
    CHECK(folded.folded == 0);
    CHECK(folded.parameters == parameters);
    CHECK(folded.graph.find("input"));
  }
}

TEST_CASE("all passes together leave a network what it computes") {
  for (const char* name : {"custom_cnn", "cifar_resnet20"}) {
    const Graph graph = build_network(name, {.input_size = 32, .classes = 5});
    const auto parameters = random_parameters(graph, Precision::float64);
    const FoldedNetwork all = apply_passes(graph, parameters);
    CHECK(all.graph.find("input.unscaled"));
    CHECK(apply_passes(graph, parameters, {.fold = false}).graph.find("input"));
    const std::vector<double> x = uniform(3 * 32 * 32, 1, 0, 255), seed = uniform(5, 2);
    Session before(graph, parameters, differentiate(graph, graph.output(), {0}));
    Session after(all.graph, all.parameters, differentiate(all.graph, all.graph.output(), {0}));
    const auto a = run<double>(before, x, seed), b = run<double>(after, x, seed);
    CHECK(relative_distance(b.output, a.output) < 1e-12);
    CHECK(relative_distance(b.gradient, a.gradient) < 1e-11);
  }
}

}  // namespace
}  // namespace backlight
