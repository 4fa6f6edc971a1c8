// Output shapes, and errors that name the node, the shapes and the reason.
#include <doctest/doctest.h>

#include "engine/error.h"
#include "layers/add.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/network.h"
#include "layers/normalize.h"
#include "layers/relu.h"
#include "layers/shortcut.h"
#include "layers/softmax.h"

namespace backlight {
namespace {

Shape inferred(const Op& op, const std::vector<Shape>& inputs) { return op.infer(inputs); }

TEST_CASE("shapes of convolutions") {
  const Shape image{2, 6, 15, 16};
  CHECK(inferred(Conv(ConvOptions::square(8, 3, 1, 1, true)), {image}) == Shape{2, 8, 15, 16});
  CHECK(inferred(Conv(ConvOptions::square(8, 3, 2, 1, true)), {image}) == Shape{2, 8, 8, 8});
  CHECK(inferred(Conv(ConvOptions::square(8, 7, 2, 3, true)), {image}) == Shape{2, 8, 8, 8});
  CHECK(inferred(Conv(ConvOptions::square(8, 1, 2, 0, true)), {image}) == Shape{2, 8, 8, 8});
  ConvOptions o = ConvOptions::square(9, 3, 1, 0, false);
  o.pad_top = 1, o.pad_right = 2, o.dilation_y = 2, o.groups = 3;
  CHECK(inferred(Conv(o), {image}) == Shape{2, 9, 12, 16});
  const std::vector<Shape> inputs{image};
  CHECK(Conv(o).parameters(inputs).size() == 1);
  CHECK(Conv(o).parameters(inputs)[0].shape == Shape{9, 2, 3, 3});
  o.bias = true;
  CHECK(Conv(o).parameters(inputs)[1].shape == Shape{9});
  CHECK(Conv(o).flop(inputs) == 2.0 * 2 * 12 * 16 * 9 * 2 * 9);
}

TEST_CASE("shapes of pools") {
  const auto side = [](std::int64_t size, const PoolOptions& o) {
    return inferred(MaxPool(o), {{1, 1, size, size}}).height();
  };
  CHECK(side(112, {.kernel = 3, .stride = 2, .padding = 1}) == 56);
  CHECK(side(7, {}) == 3);
  CHECK(side(7, {.ceil = true}) == 4);
  CHECK(side(6, {.kernel = 3, .stride = 2, .padding = 1, .ceil = true}) == 4);
  CHECK(side(5, {.kernel = 1, .stride = 4, .ceil = true}) == 2);
  CHECK(side(6, {.kernel = 1, .stride = 4, .ceil = true}) == 2);  // a third window would start outside
  CHECK(inferred(AveragePool({.kernel = 3, .stride = 3}), {{2, 5, 9, 10}}) == Shape{2, 5, 3, 3});
  CHECK(inferred(AdaptiveAveragePool(2, 3), {{2, 5, 8, 9}}) == Shape{2, 5, 2, 3});
}

TEST_CASE("shapes of the others") {
  const Shape image{2, 3, 5, 4};
  CHECK(inferred(Relu(), {image}) == image);
  CHECK(inferred(Dropout(), {image}) == image);
  CHECK(inferred(BatchNorm(), {image}) == image);
  CHECK(inferred(Normalize({}, {1, 1, 1}), {image}) == image);
  CHECK(inferred(AddOp(), {image, image}) == image);
  CHECK(inferred(Flatten(), {image}) == Shape{2, 60});
  CHECK(inferred(Linear(7), {{2, 60}}) == Shape{2, 7});
  CHECK(inferred(Softmax(), {{2, 7}}) == Shape{2, 7});
  CHECK(inferred(CrossEntropy(), {{2, 7}, {2}}) == Shape{2});
  CHECK(inferred(Shortcut(7, 2), {image}) == Shape{2, 7, 3, 2});
}

TEST_CASE("inputs that do not fit") {
  const Shape image{2, 4, 5, 5}, rows{2, 4};
  const auto refused = [](const Op& op, const std::vector<Shape>& inputs) {
    CAPTURE(op.kind());
    CHECK_THROWS_AS(inferred(op, inputs), Error);
  };
  const ConvOptions plain = ConvOptions::square(4, 3, 1, 1, true);
  refused(Conv(plain), {rows});
  refused(Conv(plain), {image, image});
  refused(Conv(plain), {});
  refused(Conv(ConvOptions::square(4, 7, 1, 0, true)), {image});  // larger than the image
  refused(Conv(ConvOptions::square(0, 3, 1, 1, true)), {image});
  refused(Conv(ConvOptions::square(4, 0, 1, 1, true)), {image});
  refused(Conv(ConvOptions::square(4, 3, 0, 1, true)), {image});
  refused(Conv(ConvOptions::square(4, 3, 1, -1, true)), {image});
  for (const std::int64_t groups : {0, 3, 8}) {
    ConvOptions o = plain;
    o.groups = groups;
    refused(Conv(o), {image});
  }
  refused(MaxPool({.kernel = 3, .stride = 2, .padding = 2}), {image});
  refused(MaxPool({.kernel = 17, .stride = 1}), {{1, 1, 20, 20}});
  refused(MaxPool({.kernel = 2, .stride = 0}), {image});
  refused(AveragePool({.kernel = 6, .stride = 1}), {image});
  refused(AdaptiveAveragePool(2, 2), {image});
  refused(AdaptiveAveragePool(7, 7), {image});
  refused(AdaptiveAveragePool(0, 1), {image});
  refused(Linear(3), {image});
  refused(Linear(0), {rows});
  refused(AddOp(), {image, {2, 4, 5, 6}});
  refused(AddOp(), {image});
  refused(Shortcut(3, 2), {image});
  refused(Shortcut(8, 0), {image});
  refused(Flatten(), {rows});
  refused(Softmax(), {image});
  refused(CrossEntropy(), {rows, {3}});
  refused(CrossEntropy(), {rows});
  refused(Normalize({}, {1, 1, 1}), {image});
  refused(BatchNorm(), {rows});
  refused(Relu(), {rows, rows});
}

TEST_CASE("the error names the node, its kind, the shapes and the reason") {
  Graph graph;
  Builder net(graph);
  const ValueId x = graph.input("image", {2, 3, 8, 8});
  const ValueId y = net.conv("layer1.0.conv2", x, ConvOptions::square(4, 3, 2, 1, false));
  CHECK_THROWS_WITH_AS(net.add("layer1.0.add", x, y),
                       "node 'layer1.0.add' (add) of input 2x3x8x8 2x4x4x4: only equal shapes can be added",
                       Error);
  CHECK_THROWS_WITH_AS(net.linear("fc", y, 10),
                       "node 'fc' (linear) of input 2x4x4x4: takes N,C: put a flatten before it", Error);
  CHECK(graph.nodes().size() == 1);  // what failed has left nothing behind
  CHECK(graph.values().size() == 2);
  CHECK_THROWS_AS(build_network("resnet18", {.input_size = 0}), Error);
  CHECK_THROWS_AS(build_network("resnet18", {.classes = 0}), Error);
  CHECK_THROWS_WITH_AS(build_network("vgg11", {.input_size = 100}), doctest::Contains("node 'avgpool'"),
                       Error);
  CHECK_THROWS_WITH_AS(build_network("resnet19", {}), doctest::Contains("resnet18"), UsageError);
}

}  // namespace
}  // namespace backlight
