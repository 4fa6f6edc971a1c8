// Every op's backward, for its inputs and for its parameters, against central differences in float64.
#include <doctest/doctest.h>

#include "engine/gradcheck.h"
#include "layers/add.h"
#include "layers/dropout.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/normalize.h"
#include "layers/relu.h"
#include "layers/shortcut.h"
#include "layers/softmax.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;
using testing::uniform;

constexpr double tolerance = 1e-7;

void expect_small(const GradcheckReport& report) {
  CAPTURE(to_string(report));
  CHECK(report.worst < tolerance);
  CHECK(report.checked >= 4);
  CHECK(20 * report.skipped <= report.checked);
}

/// The op alone, once for the inputs, once for the parameters too, and twice beside itself on one input, so
/// that one gradient is set and the other added to it.
void check(std::shared_ptr<const Op> op, const Shape& shape, double low = -1, double high = 1) {
  const std::vector<double> x = uniform(shape.elements(), 7, low, high);
  for (const bool parameters : {false, true})
    for (const bool twice : {false, true}) {
      CAPTURE(op->kind());
      CAPTURE(to_string(shape));
      CAPTURE(parameters);
      CAPTURE(twice);
      Graph graph;
      const ValueId input = graph.input("x", shape);
      ValueId y = graph.add("op", op, {input});
      if (twice) y = graph.add("sum", std::make_shared<AddOp>(), {y, graph.add("again", op, {input})});
      expect_small(gradcheck(graph, *random_parameters(graph, Precision::float64), {{"x", x}},
                             differentiate(graph, y, {input}, ReluRule::gradient, parameters)));
    }
}

ConvOptions conv(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  return ConvOptions::square(out, kernel, stride, padding, true);
}

TEST_CASE("gradient of conv") {
  const auto check_conv = [](const ConvOptions& options, const Shape& shape) {
    check(std::make_shared<Conv>(options), shape);
  };
  check_conv(conv(4, 3, 1, 1), {2, 3, 5, 6});
  check_conv(conv(4, 1, 1, 0), {2, 3, 4, 4});
  check_conv(conv(4, 1, 2, 0), {2, 3, 5, 5});
  check_conv(conv(3, 7, 2, 3), {1, 3, 9, 8});
  check_conv(conv(2, 3, 3, 4), {1, 2, 4, 5});  // more padding than the kernel reaches
  check_conv(conv(4, 2, 2, 0), {1, 2, 5, 7});  // a last row and column that nobody reads
  check_conv(ConvOptions::square(4, 3, 2, 1, false), {2, 3, 7, 7});

  ConvOptions o = conv(4, 3, 2, 0);
  o.pad_top = 0, o.pad_left = 2, o.pad_bottom = 1, o.pad_right = 0;
  check_conv(o, {2, 3, 6, 7});
  o = conv(4, 3, 1, 2);
  o.dilation_y = 2, o.dilation_x = 3;
  check_conv(o, {1, 2, 8, 9});
  o = conv(6, 3, 2, 1);
  o.groups = 2;
  check_conv(o, {2, 4, 5, 5});
  o = conv(4, 3, 1, 1);
  o.groups = 4;  // depthwise
  check_conv(o, {2, 4, 5, 5});
  o = conv(3, 1, 1, 0);
  o.kernel_height = 3, o.stride_y = 2, o.pad_top = 1;
  check_conv(o, {1, 2, 7, 4});  // strided in y alone
  o = conv(3, 1, 1, 0);
  o.kernel_width = 5, o.stride_x = 2, o.pad_left = o.pad_right = 2, o.dilation_x = 2;
  check_conv(o, {1, 2, 3, 9});  // strided in x alone
}

TEST_CASE("gradient of linear") {
  check(std::make_shared<Linear>(7), {3, 5});
  check(std::make_shared<Linear>(4, false), {1, 9});
  check(std::make_shared<Linear>(70), {2, 33});
}

TEST_CASE("gradient of relu") {
  check(std::make_shared<Relu>(), {2, 3, 5, 7});
  check(std::make_shared<Relu>(), {3, 5});
}

TEST_CASE("gradient of max pool") {
  const auto check_pool = [](const PoolOptions& options, const Shape& shape) {
    check(std::make_shared<MaxPool>(options), shape);
  };
  check_pool({}, {2, 3, 6, 8});
  check_pool({.kernel = 3, .stride = 2, .padding = 1}, {2, 3, 7, 8});  // overlap
  check_pool({.kernel = 3, .stride = 1, .padding = 1}, {1, 2, 5, 5});
  check_pool({.kernel = 2, .stride = 2, .ceil = true}, {1, 3, 5, 7});
  check_pool({.kernel = 3, .stride = 2, .padding = 1, .ceil = true}, {1, 2, 6, 6});
  check_pool({.kernel = 2, .stride = 3}, {1, 2, 8, 7});  // pixels in no window
}

TEST_CASE("gradient of average pool") {
  const auto check_pool = [](const PoolOptions& options, const Shape& shape) {
    check(std::make_shared<AveragePool>(options), shape);
  };
  check_pool({}, {2, 3, 6, 8});
  check_pool({.kernel = 3, .stride = 2, .padding = 1}, {2, 2, 7, 8});
  check_pool({.kernel = 3, .stride = 2, .padding = 1, .count_padding = false}, {1, 2, 7, 8});
  check_pool({.kernel = 3, .stride = 2, .padding = 1, .ceil = true}, {1, 2, 6, 6});
  check_pool({.kernel = 2, .stride = 3}, {1, 2, 8, 7});
  check(std::make_shared<AdaptiveAveragePool>(1, 1), {2, 3, 5, 4});
  check(std::make_shared<AdaptiveAveragePool>(2, 3), {2, 2, 4, 9});
}

TEST_CASE("gradient of batchnorm") {
  check(std::make_shared<BatchNorm>(BatchNorm::Mode::inference), {2, 3, 4, 5});
  check(std::make_shared<BatchNorm>(BatchNorm::Mode::training), {2, 3, 4, 5}, 1, 3);
  check(std::make_shared<BatchNorm>(BatchNorm::Mode::training, 0.1), {3, 20, 2, 2}, -2, 5);
}

TEST_CASE("gradient of what has no parameters") {
  check(std::make_shared<Shortcut>(6, 2), {2, 3, 5, 6});
  check(std::make_shared<Shortcut>(3, 1), {1, 3, 4, 4});
  check(std::make_shared<Shortcut>(8, 3), {1, 3, 7, 5});
  check(std::make_shared<Flatten>(), {2, 3, 4, 5});
  check(std::make_shared<Dropout>(), {2, 3, 4, 5});
  check(std::make_shared<Softmax>(), {3, 6}, -2, 2);
  check(std::make_shared<Normalize>(std::array{0.485, 0.456, 0.406}, std::array{0.229, 0.224, 0.225}),
        {2, 3, 4, 5}, 0, 255);
}

TEST_CASE("gradient of add, also of a value to itself") {
  Graph graph;
  const ValueId a = graph.input("a", {2, 3, 4, 4}), b = graph.input("b", {2, 3, 4, 4});
  const ValueId sum = graph.add("sum", std::make_shared<AddOp>(), {a, b});
  const ValueId twice = graph.add("twice", std::make_shared<AddOp>(), {sum, sum});
  const ValueId y = graph.add("y", std::make_shared<AddOp>(), {twice, a});
  const Parameters none(Precision::float64);
  const std::map<std::string, std::vector<double>> inputs{{"a", uniform(96, 1)}, {"b", uniform(96, 2)}};
  expect_small(gradcheck(graph, none, inputs, differentiate(graph, y, {a, b})));
  expect_small(gradcheck(graph, none, inputs, differentiate(graph, y, {b})));
}

TEST_CASE("gradient of cross-entropy") {
  Graph graph;
  const ValueId logits = graph.input("logits", {3, 5}), labels = graph.input("labels", {3});
  const ValueId loss = graph.add("loss", std::make_shared<CrossEntropy>(), {logits, labels});
  expect_small(gradcheck(graph, Parameters(Precision::float64),
                         {{"logits", uniform(15, 1, -3, 3)}, {"labels", {4, 0, 2}}},
                         differentiate(graph, loss, {logits})));
}

TEST_CASE("gradient of cross-entropy with shares of classes, also where they do not add up to 1") {
  Graph graph;
  const ValueId logits = graph.input("logits", {3, 5}), target = graph.input("target", {3, 5});
  const ValueId loss = graph.add("loss", std::make_shared<SoftCrossEntropy>(), {logits, target});
  expect_small(gradcheck(graph, Parameters(Precision::float64),
                         {{"logits", uniform(15, 1, -3, 3)}, {"target", uniform(15, 2, 0, 1)}},
                         differentiate(graph, loss, {logits})));
}

TEST_CASE("logits far from zero overflow neither softmax nor cross-entropy") {
  Graph graph;
  const ValueId logits = graph.input("logits", {1, 3}), labels = graph.input("labels", {1});
  graph.add("p", std::make_shared<Softmax>(), {logits});
  graph.add("loss", std::make_shared<CrossEntropy>(), {logits, labels});
  Session session(graph, std::make_shared<Parameters>(), {}, {.keep = {"p"}});
  session.set("logits", std::span<const double>(std::vector<double>{1000, 1000, -1000}));
  session.set("labels", std::span<const double>(std::vector<double>{2}));
  session.forward();
  CHECK(session.value<double>("p") == std::vector<double>{0.5, 0.5, 0});
  CHECK(session.value<double>("loss")[0] == doctest::Approx(2000 + std::log(2)).epsilon(1e-6));
}

}  // namespace
}  // namespace backlight
