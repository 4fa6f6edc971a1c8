// Whole small networks against central differences in float64, for the image and for every parameter.
#include <doctest/doctest.h>

#include "engine/gradcheck.h"
#include "layers/linear.h"
#include "layers/network.h"
#include "layers/softmax.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

void check(const Graph& graph, std::map<std::string, std::vector<double>> inputs = {}, double step = 1e-5) {
  if (inputs.empty()) inputs["input"] = testing::uniform(graph.value(0).shape.elements(), 5);
  const auto parameters = testing::random_parameters(graph, Precision::float64);
  for (const bool trains : {false, true}) {
    const GradcheckReport report = gradcheck(
        graph, *parameters, inputs, differentiate(graph, graph.output(), {0}, ReluRule::gradient, trains),
        {.step = step, .elements = trains ? 6 : 60});
    CAPTURE(to_string(report));
    CHECK(report.worst < 1e-6);
    CHECK(report.checked >= 50);
    CHECK(5 * report.skipped <= report.checked);
  }
}

TEST_CASE("gradient of a small ResNet of basic blocks") { check(testing::small_resnet(false)); }
TEST_CASE("gradient of a small ResNet of bottleneck blocks") { check(testing::small_resnet(true)); }
TEST_CASE("gradient of a small ResNet with batchnorms in training") {
  check(testing::small_resnet(false, 3, BatchNorm::Mode::training));
  check(testing::small_resnet(true, 3, BatchNorm::Mode::training));
}
TEST_CASE("gradient of a small VGG") { check(testing::small_vgg()); }

TEST_CASE("gradient of CIFAR ResNet20") {
  check(build_network("cifar_resnet20", {.input_size = 8, .classes = 10, .normalization = std::nullopt}), {},
        1e-6);
}

TEST_CASE("gradient of the cross-entropy of an image in grey levels") {
  Graph graph = build_network("cifar_resnet20", {.batch = 2, .input_size = 4, .classes = 10});
  graph.add("loss", std::make_shared<CrossEntropy>(), {graph.output(), graph.input("target", {2})});
  check(graph, {{"image", testing::uniform(2 * 3 * 4 * 4, 5, 0, 255)}, {"target", {3, 8}}}, 1e-6);
}

}  // namespace
}  // namespace backlight
