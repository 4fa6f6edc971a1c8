#include "layers/conv.h"

#include "engine/context.h"
#include "layers/expect.h"

namespace backlight {

ConvOptions ConvOptions::square(std::int64_t out_channels, std::int64_t kernel, std::int64_t stride,
                                std::int64_t padding, bool bias) {
  ConvOptions o;
  o.out_channels = out_channels;
  o.kernel_height = o.kernel_width = kernel;
  o.stride_y = o.stride_x = stride;
  o.pad_top = o.pad_left = o.pad_bottom = o.pad_right = padding;
  o.bias = bias;
  return o;
}

std::string Conv::description() const {
  const ConvOptions& o = options_;
  std::string text = std::to_string(o.kernel_height) + "x" + std::to_string(o.kernel_width);
  if (o.stride_y > 1 || o.stride_x > 1) text += ", stride " + std::to_string(o.stride_y);
  if (o.pad_top || o.pad_left || o.pad_bottom || o.pad_right)
    text += ", padding " + std::to_string(o.pad_top);
  if (o.dilation_y > 1 || o.dilation_x > 1) text += ", dilation " + std::to_string(o.dilation_y);
  if (o.groups > 1) text += ", " + std::to_string(o.groups) + " groups";
  return text + described();
}

Shape Conv::infer(std::span<const Shape> inputs) const {
  const ConvOptions& o = options_;
  const Shape& x = expect_image(own_inputs(inputs));
  if (o.groups < 1 || x.channels() % o.groups || o.out_channels % o.groups)
    throw Error(std::to_string(x.channels()) + " input and " + std::to_string(o.out_channels) +
                " output channels do not divide into " + std::to_string(o.groups) + " groups");
  return checked(inputs, {x.batch(), o.out_channels,
                          window_count(x.height(), o.pad_top + o.pad_bottom,
                                       o.dilation_y * (o.kernel_height - 1) + 1, o.stride_y, false),
                          window_count(x.width(), o.pad_left + o.pad_right,
                                       o.dilation_x * (o.kernel_width - 1) + 1, o.stride_x, false)});
}

std::vector<ParameterSpec> Conv::parameters(std::span<const Shape> inputs) const {
  const ConvOptions& o = options_;
  std::vector<ParameterSpec> specs{
      {"weight", {o.out_channels, inputs[0].channels() / o.groups, o.kernel_height, o.kernel_width}}};
  if (o.bias) specs.push_back({"bias", {o.out_channels}});
  return specs;
}

ConvSizes Conv::sizes(const Shape& x, const Shape& y) const {
  const ConvOptions& o = options_;
  return {x.batch(),    x.height(),      x.width(),      x.channels(), y.height(), y.width(),
          y.channels(), o.kernel_height, o.kernel_width, o.stride_y,   o.stride_x, o.pad_top,
          o.pad_left,   o.dilation_y,    o.dilation_x,   o.groups};
}

double Conv::flop(std::span<const Shape> inputs) const {
  const Shape y = infer(inputs);
  return 2.0 * static_cast<double>(y.batch() * y.pixels()) *
         static_cast<double>(sizes(inputs[0], y).weights());
}

// y = w ∗ x + b, and the ending
void Conv::forward(ForwardContext& c) const {
  c.run<ConvForward>(sizes(c.input_shape(0), c.output_shape()), c.input(0), c.prepared(0),
                     finish(c, c.parameter(1)), c.output());
}

// dx = wᵀ ∗ dy,  dw = Σ dy·x,  db = Σ dy
void Conv::backward(BackwardContext& c) const {
  const ConvSizes s = sizes(c.input_shape(0), c.output_shape());
  if (c.wants_parameters())
    c.run<ConvBackwardWeights>(s, c.input(0), c.output_gradient(), c.parameter_gradient(0),
                               c.parameter_gradient(1), Write::set);
  if (c.wants_input(0))
    c.run<ConvBackwardData>(s, c.output_gradient(), c.prepared(0), c.input_gradient(0), c.gate(0));
  pass_to_residual(c);
}

}  // namespace backlight
