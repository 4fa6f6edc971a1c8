#include "layers/linear.h"

#include "engine/context.h"
#include "kernels/linear.h"
#include "layers/expect.h"

namespace backlight {
namespace {
LinearSizes sizes(const Context& c) {
  return {c.input_shape(0).batch(), c.input_shape(0).channels(), c.output_shape().channels()};
}
}  // namespace

Shape Linear::infer(std::span<const Shape> inputs) const {
  return checked(inputs, {expect_rows(own_inputs(inputs)).batch(), out_});
}

std::vector<ParameterSpec> Linear::parameters(std::span<const Shape> inputs) const {
  std::vector<ParameterSpec> specs{{"weight", {out_, inputs[0].channels()}}};
  if (bias_) specs.push_back({"bias", {out_}});
  return specs;
}

double Linear::flop(std::span<const Shape> inputs) const {
  return 2.0 * static_cast<double>(inputs[0].elements()) * static_cast<double>(out_);
}

// y = x·wᵀ + b, and the ending
void Linear::forward(ForwardContext& c) const {
  c.run<LinearForward>(sizes(c), c.input(0), c.prepared(0), finish(c, c.parameter(1)), c.output());
}

// dx = dy·w,  dw = dyᵀ·x,  db = Σ dy
void Linear::backward(BackwardContext& c) const {
  if (c.wants_parameters())
    c.run<LinearBackwardWeights>(sizes(c), c.input(0), c.output_gradient(), c.parameter_gradient(0),
                                 c.parameter_gradient(1), Write::set);
  if (c.wants_input(0))
    c.run<LinearBackwardData>(sizes(c), c.output_gradient(), c.prepared(0), c.input_gradient(0), c.gate(0));
  pass_to_residual(c);
}

}  // namespace backlight
