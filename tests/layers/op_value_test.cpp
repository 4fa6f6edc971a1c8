// What each op computes, worked out by hand or by the plainest loops over N,C,H,W. (The gradients are then
// held against these forwards.)
#include <doctest/doctest.h>

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

using testing::integers;
using Values = std::vector<double>;

/// The op's output for one input; parameters in the order in which the op names them.
Values output_of(std::shared_ptr<const Op> op, const Shape& shape, const Values& x,
                 const std::vector<Values>& parameters = {}) {
  Graph graph;
  graph.add("op", std::move(op), {graph.input("x", shape)});
  auto owned = std::make_shared<Parameters>(Precision::float64);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    owned->add(graph.parameters()[i].name, graph.parameters()[i].shape)
        .assign(std::span<const double>(parameters[i]));
  Session session(graph, owned);
  session.set("x", std::span<const double>(x));
  session.forward();
  return session.value<double>("op");
}

/// y[n,o,oy,ox] = b[o] + Σ w[o,c,ky,kx]·padded[n,c,…] on an image that is really padded.
Values naive_conv(const ConvOptions& o, const Shape& x_shape, const Values& x, const Values& w,
                  const Values& b) {
  const std::int64_t batch = x_shape[0], channels = x_shape[1], height = x_shape[2], width = x_shape[3];
  const std::int64_t tall = height + o.pad_top + o.pad_bottom, wide = width + o.pad_left + o.pad_right;
  Values padded(static_cast<std::size_t>(batch * channels * tall * wide));
  for (std::int64_t plane = 0; plane < batch * channels; ++plane)
    for (std::int64_t i = 0; i < height; ++i)
      for (std::int64_t j = 0; j < width; ++j)
        padded[static_cast<std::size_t>((plane * tall + i + o.pad_top) * wide + j + o.pad_left)] =
            x[static_cast<std::size_t>((plane * height + i) * width + j)];
  const std::int64_t of_group = channels / o.groups, out_of_group = o.out_channels / o.groups;
  Values y;
  for (std::int64_t n = 0; n < batch; ++n)
    for (std::int64_t k = 0; k < o.out_channels; ++k)
      for (std::int64_t top = 0; top + o.dilation_y * (o.kernel_height - 1) < tall; top += o.stride_y)
        for (std::int64_t left = 0; left + o.dilation_x * (o.kernel_width - 1) < wide; left += o.stride_x) {
          double sum = o.bias ? b[static_cast<std::size_t>(k)] : 0;
          for (std::int64_t c = 0; c < of_group; ++c)
            for (std::int64_t ky = 0; ky < o.kernel_height; ++ky)
              for (std::int64_t kx = 0; kx < o.kernel_width; ++kx) {
                const std::int64_t plane = n * channels + k / out_of_group * of_group + c;
                sum += w[static_cast<std::size_t>(
                           ((k * of_group + c) * o.kernel_height + ky) * o.kernel_width + kx)] *
                       padded[static_cast<std::size_t>((plane * tall + top + ky * o.dilation_y) * wide +
                                                       left + kx * o.dilation_x)];
              }
          y.push_back(sum);
        }
  return y;
}

TEST_CASE("conv, on integers, exactly") {
  const auto check = [](const ConvOptions& o, const Shape& shape) {
    const std::int64_t weights = o.out_channels * shape[1] / o.groups * o.kernel_height * o.kernel_width;
    const Values x = integers(shape.elements(), 1), w = integers(weights, 2), b = integers(o.out_channels, 3);
    CAPTURE(Conv(o).description());
    std::vector<Values> parameters{w};
    if (o.bias) parameters.push_back(b);
    CHECK(output_of(std::make_shared<Conv>(o), shape, x, parameters) == naive_conv(o, shape, x, w, b));
  };
  check(ConvOptions::square(4, 3, 1, 1, true), {2, 3, 5, 6});
  check(ConvOptions::square(4, 1, 1, 0, false), {2, 3, 5, 6});
  check(ConvOptions::square(4, 7, 2, 3, false), {1, 3, 9, 10});
  check(ConvOptions::square(3, 3, 3, 4, true), {1, 2, 4, 5});
  ConvOptions o = ConvOptions::square(6, 3, 2, 0, true);
  o.pad_top = 1, o.pad_left = 0, o.pad_bottom = 0, o.pad_right = 2;
  check(o, {2, 4, 6, 7});
  o.groups = 2;
  check(o, {2, 4, 6, 7});
  o.dilation_y = 2, o.dilation_x = 1, o.stride_x = 1;
  check(o, {2, 4, 9, 7});
  o.kernel_width = 2, o.groups = 1;
  check(o, {1, 2, 9, 7});
}

TEST_CASE("linear, also behind a flatten") {
  CHECK(output_of(std::make_shared<Linear>(2), {2, 3}, {1, 2, 3, -1, 0, 1},
                  {{1, 10, 100, 2, 20, 200}, {0.5, -0.5}}) == Values{321.5, 641.5, 99.5, 197.5});
  // The framework's order: channel, row, column.
  const Values image = integers(2 * 3 * 4 * 5, 1);
  CHECK(output_of(std::make_shared<Flatten>(), {2, 3, 4, 5}, image) == image);
  Graph graph;
  const ValueId flat = graph.add("flatten", std::make_shared<Flatten>(), {graph.input("x", {1, 2, 1, 3})});
  graph.add("fc", std::make_shared<Linear>(1, false), {flat});
  auto parameters = std::make_shared<Parameters>(Precision::float64);
  parameters->add("fc.weight", {1, 6})
      .assign(std::span<const double>(Values{1, 10, 100, 1000, 10000, 100000}));
  Session session(graph, parameters);
  session.set("x", std::span<const double>(Values{1, 2, 3, 4, 5, 6}));
  session.forward();
  CHECK(session.value<double>("fc") == Values{654321});
}

TEST_CASE("relu") {
  CHECK(output_of(std::make_shared<Relu>(), {1, 5}, {-2, -0.5, 0, 0.5, 2}) == Values{0, 0, 0, 0.5, 2});
}

TEST_CASE("max pool, and where its gradient goes") {
  const Shape shape{1, 1, 4, 4};
  const Values x{1, 5, 2, 2,  //
                 5, 0, 2, 2,  //
                 9, 8, 7, 6,  //
                 8, 9, 6, 7};
  CHECK(output_of(std::make_shared<MaxPool>(PoolOptions{}), shape, x) == Values{5, 2, 9, 7});
  CHECK(output_of(std::make_shared<MaxPool>(PoolOptions{.kernel = 3, .stride = 2, .padding = 1}), shape, x) ==
        Values{5, 5, 9, 9});
  // Padding is never the maximum, even where all is negative.
  CHECK(output_of(std::make_shared<MaxPool>(PoolOptions{.kernel = 3, .stride = 3, .padding = 1}),
                  {1, 1, 3, 3}, {-1, -2, -3, -4, -5, -6, -7, -8, -9}) == Values{-1});
  // Of equal maxima the first gets it all, in row-major order.
  Graph graph;
  const ValueId y = graph.add("pool", std::make_shared<MaxPool>(PoolOptions{}), {graph.input("x", shape)});
  Session session(graph, std::make_shared<Parameters>(Precision::float64), differentiate(graph, y, {0}));
  CHECK(testing::run<double>(session, x, {1, 2, 3, 4}).gradient ==
        Values{0, 1, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0});
}

TEST_CASE("average pool, its divisors, and the adaptive one") {
  const Values x{1, 2, 3,  //
                 4, 5, 6,  //
                 7, 8, 9};
  const Shape shape{1, 1, 3, 3};
  const auto pooled = [&](const PoolOptions& o) {
    return output_of(std::make_shared<AveragePool>(o), shape, x);
  };
  CHECK(pooled({.kernel = 2, .stride = 1}) == Values{3, 4, 6, 7});
  CHECK(pooled({.kernel = 2, .stride = 2, .padding = 1}) == Values{0.25, 1.25, 2.75, 7});
  CHECK(pooled({.kernel = 2, .stride = 2, .padding = 1, .count_padding = false}) == Values{1, 2.5, 5.5, 7});
  // What hangs over the padding counts never.
  CHECK(pooled({.kernel = 2, .stride = 2, .ceil = true}) == Values{3, 4.5, 7.5, 9});
  CHECK(output_of(std::make_shared<AdaptiveAveragePool>(1, 1), shape, x) == Values{5});
  CHECK(output_of(std::make_shared<AdaptiveAveragePool>(3, 1), shape, x) == Values{2, 5, 8});
}

TEST_CASE("batchnorm") {
  // Two channels of two pixels; √(σ² + ε) is 2 and 4.
  const Values x{1, 3, 10, 30};
  const std::vector<Values> parameters{{1, 2}, {0.5, 0}, {1, 10}, {3, 15}};
  using Mode = BatchNorm::Mode;
  CHECK(output_of(std::make_shared<BatchNorm>(Mode::inference, 1), {1, 2, 1, 2}, x, parameters) ==
        Values{0.5, 1.5, 0, 10});
  // Of the batch: means 2 and 20, σ² 1 and 100; with ε = 0: x̂ = ±1.
  CHECK(output_of(std::make_shared<BatchNorm>(Mode::training, 0), {1, 2, 1, 2}, x, parameters) ==
        Values{-0.5, 1.5, -2, 2});
}

TEST_CASE("option-A shortcut: every second pixel, zero channels on both sides") {
  const Values x{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19};  // 2 channels of 3×3
  const Values zeros(4, 0.0);
  Values expected = zeros;
  for (const double value : {1, 3, 7, 9, 11, 13, 17, 19}) expected.push_back(value);
  expected.insert(expected.end(), zeros.begin(), zeros.end());
  CHECK(output_of(std::make_shared<Shortcut>(4, 2), {1, 2, 3, 3}, x) == expected);
  expected.insert(expected.end(), zeros.begin(), zeros.end());  // an odd channel more comes after
  CHECK(output_of(std::make_shared<Shortcut>(5, 2), {1, 2, 3, 3}, x) == expected);
}

TEST_CASE("normalisation of grey levels") {
  const Values y =
      output_of(std::make_shared<Normalize>(std::array{0.5, 0.25, 0.0}, std::array{0.5, 0.25, 2.0}),
                {1, 3, 1, 2}, {0, 255, 0, 255, 0, 255});
  const Values expected{-1, 1, -1, 3, 0, 0.5};
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == doctest::Approx(expected[i]).epsilon(1e-14));
}

TEST_CASE("softmax, cross-entropy, dropout, add") {
  const double e = std::exp(1.0);
  const Values p = output_of(std::make_shared<Softmax>(), {1, 2}, {3, 4});
  CHECK(p[0] == doctest::Approx(1 / (1 + e)).epsilon(1e-14));
  CHECK(p[1] == doctest::Approx(e / (1 + e)).epsilon(1e-14));
  CHECK(output_of(std::make_shared<Dropout>(), {1, 3}, {1, -2, 3}) == Values{1, -2, 3});

  Graph graph;
  const ValueId logits = graph.input("logits", {2, 2}), labels = graph.input("labels", {2});
  graph.add("add", std::make_shared<AddOp>(), {logits, logits});
  graph.add("loss", std::make_shared<CrossEntropy>(), {logits, labels});
  Session session(graph, std::make_shared<Parameters>(Precision::float64), {}, {.keep = {"add"}});
  session.set("logits", std::span<const double>(Values{3, 4, 3, 4}));
  session.set("labels", std::span<const double>(Values{0, 1}));
  session.forward();
  CHECK(session.value<double>("add") == Values{6, 8, 6, 8});
  CHECK(session.value<double>("loss")[0] == doctest::Approx(std::log(1 + e)).epsilon(1e-14));
  CHECK(session.value<double>("loss")[1] == doctest::Approx(std::log(1 + 1 / e)).epsilon(1e-14));
}

}  // namespace
}  // namespace backlight
