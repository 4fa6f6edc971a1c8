// The same input gives the same bits: run after run, for any number of threads, in any batch.
#include <doctest/doctest.h>

#include "layers/network.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::Run;
using testing::uniform;

constexpr std::size_t images = 5;

struct Batch {
  std::vector<double> x, seed;
};

Batch batch_of(const Graph& graph) {
  return {uniform(graph.value(0).shape.elements(), 1, 0, 255),
          uniform(graph.value(graph.output()).shape.elements(), 2)};
}

void check(const Graph& one) {
  const Graph five = one.with_batch(images);
  const auto parameters = testing::random_parameters(one, Precision::float32);
  const Batch whole = batch_of(five);
  const auto session_of = [&](const Graph& graph, int threads) {
    return std::make_unique<Session>(graph, parameters, differentiate(graph, graph.output(), {0}),
                                     SessionOptions{.threads = threads});
  };
  const Run<float> expected = testing::run<float>(*session_of(five, 1), whole.x, whole.seed);
  for (const int threads : {1, 2, 3, 4}) {
    CAPTURE(threads);
    const auto session = session_of(five, threads);
    CHECK(testing::run<float>(*session, whole.x, whole.seed) == expected);
    CHECK(testing::run<float>(*session, whole.x, whole.seed) == expected);
  }
  for (const int threads : {1, 3}) {
    const auto session = session_of(one, threads);
    Run<float> joined;
    const auto part = [](const std::vector<double>& all, std::size_t n) {
      const auto size = static_cast<std::ptrdiff_t>(all.size() / images),
                 at = static_cast<std::ptrdiff_t>(n) * size;
      return std::vector<double>(all.begin() + at, all.begin() + at + size);
    };
    for (std::size_t n = 0; n < images; ++n) {
      const Run<float> image = testing::run<float>(*session, part(whole.x, n), part(whole.seed, n));
      joined.output.insert(joined.output.end(), image.output.begin(), image.output.end());
      joined.gradient.insert(joined.gradient.end(), image.gradient.begin(), image.gradient.end());
    }
    CHECK(joined.output == expected.output);
    CHECK(joined.gradient == expected.gradient);
  }
}

TEST_CASE("bits of ResNet18") { check(build_network("resnet18", {.input_size = 40})); }
TEST_CASE("bits of ResNet50's bottlenecks") { check(testing::small_resnet(true, 1)); }
TEST_CASE("bits of CIFAR ResNet20") {
  check(build_network("cifar_resnet20", {.input_size = 20, .classes = 10}));
}
TEST_CASE("bits of a VGG with linear layers") { check(testing::small_vgg(1)); }

TEST_CASE("bits of parameter gradients for any number of threads") {
  for (const BatchNorm::Mode mode : {BatchNorm::Mode::inference, BatchNorm::Mode::training}) {
    const Graph graph =
        build_network("cifar_resnet20", {.batch = 3, .input_size = 16, .classes = 10, .batchnorm = mode});
    const auto parameters = testing::random_parameters(graph, Precision::float32);
    const Batch batch = batch_of(graph);
    const auto gradients = [&](int threads) {
      Session session(graph, parameters, differentiate(graph, graph.output(), {0}, ReluRule::gradient, true),
                      {.threads = threads});
      testing::run<float>(session, batch.x, batch.seed);
      std::vector<std::vector<float>> all;
      for (const Parameter& parameter : graph.parameters())
        if (parameter.role == ParameterSpec::Role::trainable)
          all.push_back(session.parameter_gradient<float>(parameter.name));
      return all;
    };
    const auto expected = gradients(1);
    for (const int threads : {2, 3, 4}) CHECK(gradients(threads) == expected);
  }
}

}  // namespace
}  // namespace backlight
