#include "engine/gradcheck.h"

#include <doctest/doctest.h>

#include "engine/context.h"
#include "engine/error.h"
#include "kernels/table.h"
#include "layers/relu.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::uniform;

/// y = factor·a·b
template <class T>
struct Multiply {
  static constexpr auto name = "multiply";
  using Element = T;
  using Sizes = ElementwiseSizes;
  using Run = void (*)(const ElementwiseSizes&, double factor, const T* a, const T* b, T* y, const Workers&);
};

template <class T>
void multiply(const ElementwiseSizes& s, double factor, const T* a, const T* b, T* y, const Workers&) {
  for (std::int64_t i = 0; i < s.count; ++i) y[i] = static_cast<T>(factor) * a[i] * b[i];
}

}  // namespace

namespace cpu {
BACKLIGHT_TABLE(Multiply, {{"ref", multiply<T>}})
}
namespace simt {
BACKLIGHT_TABLE(Multiply, {{"ref", multiply<T>}})
}

namespace {

/// y = x², whose backward is wrong by a factor.
class Square : public Op {
 public:
  explicit Square(double factor) : factor_(factor) {}
  std::string_view kind() const override { return "square"; }
  Shape infer(std::span<const Shape> inputs) const override { return inputs[0]; }
  BackwardReads backward_reads(bool) const override { return {true, false}; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& c) const override {
    c.run<Multiply>({c.output_shape().elements()}, 1.0, c.input(0), c.input(0), c.output());
  }
  void backward(BackwardContext& c) const override {
    c.run<Multiply>({c.output_shape().elements()}, factor_, c.input(0), c.output_gradient(),
                    c.input_gradient(0));
  }

 private:
  double factor_;
};

GradcheckReport check_square(double factor) {
  Graph graph;
  const ValueId x = graph.input("x", {2, 5});
  const ValueId y = graph.add("square", std::make_shared<Square>(factor), {x});
  return gradcheck(graph, Parameters(Precision::float64), {{"x", uniform(10, 3)}},
                   differentiate(graph, y, {x}));
}

TEST_CASE("gradcheck passes a right backward and fails one that is wrong by a thousandth") {
  CHECK(check_square(2).worst < 1e-8);
  CHECK(check_square(2).checked == 10);
  CHECK(check_square(2.002).worst > 5e-4);
  CHECK(check_square(std::nan("")).worst == INFINITY);
}

TEST_CASE("gradcheck skips an element at a kink, and no other") {
  Graph graph;
  const ValueId x = graph.input("x", {1, 4});
  const ValueId y = graph.add("relu", std::make_shared<Relu>(), {x});
  const auto report = [&](double first) {
    return gradcheck(graph, Parameters(Precision::float64), {{"x", {first, 1, -2, 3}}},
                     differentiate(graph, y, {x}));
  };
  CHECK(report(1e-7).skipped == 1);  // inside the step of 1e-5
  CHECK(report(1e-7).checked == 3);
  CHECK(report(0).skipped == 1);
  CHECK(report(1e-4).skipped == 0);
  CHECK(report(1e-7).worst < 1e-9);
}

TEST_CASE("gradcheck names the worst element, and leaves the parameters as they were") {
  Graph graph = testing::small_vgg(1);
  const auto parameters = testing::random_parameters(graph, Precision::float32);
  const std::vector<float> before = parameters->at("features.0.weight").copy<float>();
  const GradcheckReport report =
      gradcheck(graph, *parameters, {{"input", uniform(3 * 16 * 16, 1)}},
                differentiate(graph, graph.output(), {}, ReluRule::gradient, true), {.elements = 2});
  CHECK(graph.parameters().size() == 8);
  CHECK(report.checked + report.skipped == 16);
  CHECK(parameters->contains(report.where.substr(0, report.where.find('['))));
  CHECK(to_string(report).find(report.where) != std::string::npos);
  CHECK(parameters->at("features.0.weight").copy<float>() == before);
}

TEST_CASE("gradcheck refuses what is no derivative") {
  Graph graph = testing::small_vgg(1);
  const auto parameters = testing::random_parameters(graph, Precision::float64);
  const auto check = [&](ValueId wanted, ReluRule rule) {
    gradcheck(graph, *parameters, {{"input", uniform(3 * 16 * 16, 1)}},
              differentiate(graph, graph.output(), {wanted}, rule));
  };
  CHECK_THROWS_AS(check(0, ReluRule::guided), UsageError);
  CHECK_THROWS_AS(check(1, ReluRule::gradient), UsageError);
}

}  // namespace
}  // namespace backlight
