// The fused network: fewer nodes, the same bits.
#include <doctest/doctest.h>

#include "engine/error.h"
#include "layers/network.h"
#include "layers/passes/fold_batchnorm.h"
#include "layers/passes/fuse_endings.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;
using testing::run;
using testing::uniform;

/// Folds, then holds the fused network against the unfused one: bits of logits and image gradient, by every
/// rule, for two batches, and with the signs held.
Graph check_bits(const Graph& one) {
  const FoldedNetwork folded = fold_batchnorm(one, random_parameters(one, Precision::float32));
  for (const std::int64_t batch : {1, 3})
    for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet}) {
      CAPTURE(batch);
      CAPTURE(to_string(rule));
      const Graph plain = folded.graph.with_batch(batch), fused = fuse_endings(plain);
      const auto x = uniform(plain.value(0).shape.elements(), 1, 0, 255),
                 seed = uniform(plain.value(plain.output()).shape.elements(), 2),
                 other = uniform(plain.value(0).shape.elements(), 3, 0, 255);
      const auto session_of = [&](const Graph& graph, bool keep_all) {
        return std::make_unique<Session>(graph, folded.parameters,
                                         differentiate(graph, graph.output(), {0}, rule),
                                         SessionOptions{.threads = 2, .keep_all = keep_all});
      };
      const auto expected = run<float>(*session_of(plain, false), x, seed);
      CHECK(run<float>(*session_of(fused, false), x, seed) == expected);
      CHECK(run<float>(*session_of(fused, true), x, seed) == expected);

      const auto replayed = [&](const Graph& graph) {
        const auto session = session_of(graph, true);
        run<float>(*session, x, seed);
        session->set(graph.value(0).name, std::span<const double>(other));
        session->forward(true);
        session->backward(std::span<const double>(seed));
        return session->gradient<float>(graph.value(0).name);
      };
      CHECK(replayed(fused) == replayed(plain));
    }
  return fuse_endings(folded.graph);
}

TEST_CASE("fused networks give the bits of unfused ones, by every rule, batch and replay") {
  CHECK(check_bits(testing::small_resnet(false, 1)).nodes().size() == 10);
  CHECK(check_bits(testing::small_resnet(true, 1)).nodes().size() == 12);
  CHECK(check_bits(testing::small_vgg(1)).nodes().size() == 9);
  const Graph option_a = check_bits(build_network("cifar_resnet20", {.input_size = 20, .classes = 10}));
  for (const Node& node : option_a.nodes()) CHECK((node.op->kind() != "add" && node.op->kind() != "relu"));
  check_bits(build_network("custom_cnn", {.input_size = 32, .classes = 5}));
}

TEST_CASE("fused networks of ImageNet give the bits of unfused ones" * doctest::test_suite("slow")) {
  for (const char* name : {"resnet18", "resnet50"}) {
    CAPTURE(name);
    check_bits(build_network(name, {.input_size = 64, .classes = 10}));
  }
}

TEST_CASE("a fused ResNet50 has its ReLUs in its convolutions, and the arena does not grow") {
  const Graph graph = build_network("resnet50", {});
  const FoldedNetwork folded = fold_batchnorm(graph, random_parameters(graph, Precision::float32));
  const Graph fused = fuse_endings(folded.graph);
  CHECK(fused.nodes().size() == 1 + 53 + 4);  // normalize; convolutions; maxpool, avgpool, flatten, fc
  const auto arena = [](const Graph& g) {
    const Differentiation d = differentiate(g, g.output(), {0});
    CHECK(count_relus(g, d).passed == 49);
    return make_plan(g, &d, {}).arena_bytes;
  };
  const std::size_t plain = arena(folded.graph);
  CHECK(arena(fused) <= plain);
  CHECK(plain < 11'000'000);
}

TEST_CASE("what others read is not fused away") {
  Graph graph;
  Builder net(graph);
  const ValueId x = graph.input("x", {1, 4, 5, 5});
  const ValueId y = net.conv("conv", x, ConvOptions::square(4, 3, 1, 1, true));
  net.add("sum", net.relu("relu", y), y);
  const Graph fused = fuse_endings(graph);
  CHECK(fused.nodes().size() == 3);

  Graph last;  // the output is read by the caller
  Builder(last).conv("conv", last.input("x", {1, 4, 5, 5}), ConvOptions::square(4, 3, 1, 1, true));
  CHECK(fuse_endings(last).nodes().size() == 1);
}

TEST_CASE("a value that was fused away has no gradient, and the one that is left is called by its own name") {
  Graph graph;
  Builder net(graph);
  const ValueId h = net.relu(
      "relu", net.conv("conv", graph.input("x", {1, 2, 4, 4}), ConvOptions::square(3, 3, 1, 1, true)));
  net.conv("last", h, ConvOptions::square(2, 1, 1, 0, true));
  const Graph fused = fuse_endings(graph);
  REQUIRE(fused.node(0).absorbed == std::vector<std::string>{"conv"});
  const auto parameters = random_parameters(graph, Precision::float64);
  CHECK_THROWS_WITH_AS(
      Session(fused, parameters, differentiate(fused, fused.output(), {0, fused.at("relu")})),
      "the gradient of 'relu' is gone: node 'conv' ends in a ReLU that it passes at once; there is that of "
      "'conv'",
      UsageError);
  Session plain(graph, parameters, differentiate(graph, graph.output(), {0}), {.keep_all = true}),
      session(fused, parameters, differentiate(fused, fused.output(), {0}), {.keep_all = true});
  const auto x = uniform(32, 1), seed = uniform(32, 2);
  run<double>(plain, x, seed);
  run<double>(session, x, seed);
  CHECK(session.gradient<double>("conv") == plain.gradient<double>("conv"));
  CHECK_THROWS_AS(session.gradient<double>("relu"), UsageError);
}

}  // namespace
}  // namespace backlight
