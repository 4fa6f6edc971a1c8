// Two identities of whole networks that need no second implementation and no small step. With its signs and
// winners held, a network of convolutions, ReLUs, max pools … is affine in its input: f(x) = J·x + f(0).
#include <doctest/doctest.h>

#include "layers/add.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/network.h"
#include "layers/relu.h"
#include "layers/shortcut.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::dot;
using testing::integers;
using testing::uniform;
using Doubles = std::vector<double>;

/// f and its Jacobian at a point whose decisions are held.
class Held {
 public:
  Held(const Graph& graph, const std::shared_ptr<const Parameters>& parameters, const Doubles& at)
      : session_(graph, parameters, differentiate(graph, graph.output(), {0}), {.keep_all = true}) {
    (void)run(at, false);
  }
  /// f, with the decisions of the point.
  Doubles operator()(const Doubles& x) { return run(x, true); }
  /// Jᵀ·u
  Doubles adjoint(const Doubles& u) {
    session_.backward(std::span<const double>(u));
    return session_.gradient<double>(session_.graph().value(0).name);
  }

 private:
  Doubles run(const Doubles& x, bool replay) {
    session_.set(session_.graph().value(0).name, std::span<const double>(x));
    session_.forward(replay);
    return session_.value<double>(session_.graph().value(session_.graph().output()).name);
  }
  Session session_;
};

/// ⟨J·v, u⟩ = ⟨v, Jᵀ·u⟩, exactly: integers so small that no sum rounds. f must have no constant part.
void check_adjoint(const Graph& graph) {
  const std::int64_t in = graph.value(0).shape.elements(), out = graph.value(graph.output()).shape.elements();
  for (unsigned seed = 1; seed <= 3; ++seed) {
    Held f(graph, testing::integer_parameters(graph, Precision::float64, seed),
           integers(in, seed + 10, -9, 9));
    const Doubles v = integers(in, seed + 20), u = integers(out, seed + 30);
    const Doubles jv = f(v);
    CHECK(dot(jv, jv) > 0);
    CHECK(dot(jv, u) == dot(v, f.adjoint(u)));
  }
}

ConvOptions conv(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  return ConvOptions::square(out, kernel, stride, padding, false);
}

TEST_CASE("the backward of a linear graph is its adjoint, exactly") {
  Graph graph;
  Builder net(graph);
  const ValueId x = graph.input("x", {2, 4, 12, 9});
  ConvOptions options = conv(8, 3, 2, 1);
  options.groups = 2;
  options.pad_left = 2, options.pad_bottom = options.pad_right = 0;
  ValueId y = net.conv("grouped", x, options);
  y = net.add("join", y, net.shortcut("shortcut", net.conv("valid", x, conv(6, 1, 1, 0)), 8, 2));
  options = conv(8, 3, 1, 2);
  options.dilation_y = options.dilation_x = 2;
  y = net.add("join2", net.conv("dilated", y, options), y);
  y = graph.add("pool", std::make_shared<AveragePool>(PoolOptions{.kernel = 2, .stride = 1}), {y});
  y = net.add("twice", y, y);
  y = net.dropout("dropout", y);
  y = net.flatten("flatten", y);
  graph.add("fc", std::make_shared<Linear>(7, false), {y});
  check_adjoint(graph);
}

TEST_CASE("the backward at held signs and winners is the adjoint, exactly") {
  Graph graph;
  Builder net(graph);
  ValueId y = net.relu("relu1", net.conv("conv1", graph.input("x", {2, 3, 11, 9}), conv(6, 3, 1, 1)));
  y = net.max_pool("pool", y, {.kernel = 3, .stride = 2, .padding = 1});
  y = net.relu("relu2", net.add("join", net.conv("conv2", y, conv(6, 3, 1, 1)), y));
  y = net.max_pool("pool2", y, {.kernel = 2, .stride = 2, .ceil = true});
  graph.add("fc", std::make_shared<Linear>(5, false), {net.flatten("flatten", y)});
  check_adjoint(graph);
}

/// f(x + d) − f(x) = J·d and f(x) = J·x + f(0) for f with the decisions of x held, seen through random u. d
/// is a step of `size` in every pixel up the slope.
void check_piecewise_linear(const Graph& graph, double size = 1) {
  const std::int64_t in = graph.value(0).shape.elements(), out = graph.value(graph.output()).shape.elements();
  const Doubles x = uniform(in, 1, -size, size);
  Held f(graph, testing::random_parameters(graph, Precision::float64), x);
  const Doubles at_x = f(x), at_zero = f(Doubles(x.size()));
  for (unsigned seed = 5; seed < 8; ++seed) {
    const Doubles u = uniform(out, seed);
    const Doubles gradient = f.adjoint(u);
    Doubles d(x.size()), moved = x;
    for (std::size_t i = 0; i < x.size(); ++i) moved[i] += d[i] = gradient[i] > 0 ? size : -size;
    const Doubles at_moved = f(moved);
    double scale = 0;
    for (std::size_t i = 0; i < u.size(); ++i)
      scale += std::abs(u[i]) * (std::abs(at_x[i]) + std::abs(at_moved[i]) + std::abs(at_zero[i]));
    CHECK(std::abs(dot(u, at_moved) - dot(u, at_x) - dot(gradient, d)) < 1e-12 * scale);
    CHECK(std::abs(dot(u, at_x) - dot(u, at_zero) - dot(gradient, x)) < 1e-12 * scale);
    CHECK(dot(gradient, d) > 0.01 * scale);  // and this is not 0 = 0
  }
}

TEST_CASE("a network with its decisions held is affine, and its gradient is its slope") {
  check_piecewise_linear(testing::small_resnet(false));
  check_piecewise_linear(testing::small_resnet(true));
  check_piecewise_linear(testing::small_vgg());
  check_piecewise_linear(build_network("cifar_resnet20", {.input_size = 20, .classes = 10}), 255);
  check_piecewise_linear(build_network("resnet18", {.input_size = 40}), 255);
}

}  // namespace
}  // namespace backlight
