#include "layers/normalize.h"

#include "engine/context.h"
#include "kernels/channel.h"
#include "layers/expect.h"

namespace backlight {
namespace {
ChannelSizes sizes(const Shape& x) { return {x.batch() * x.pixels(), x.channels()}; }
Shape expect_colours(std::span<const Shape> inputs) {
  const Shape& x = expect_image(inputs);
  if (x.channels() != 3) throw Error("takes images of 3 channels");
  return x;
}
}  // namespace

Shape Normalize::infer(std::span<const Shape> inputs) const { return expect_colours(inputs); }

std::vector<ParameterSpec> Normalize::parameters(std::span<const Shape>) const {
  std::vector<double> scale, shift;
  for (std::size_t c = 0; c < 3; ++c) {
    scale.push_back(1 / (255 * std_[c]));
    shift.push_back(-mean_[c] / std_[c]);
  }
  return {{"scale", {3}, ParameterSpec::Role::constant, scale},
          {"shift", {3}, ParameterSpec::Role::constant, shift}};
}

void Normalize::forward(ForwardContext& c) const {
  c.run<ChannelAffine>(sizes(c.output_shape()), c.input(0), c.parameter(0), c.parameter(1), c.output(),
                       Write::set);
}
void Normalize::backward(BackwardContext& c) const {
  c.run<ChannelAffine>(sizes(c.output_shape()), c.output_gradient(), c.parameter(0), Operand{},
                       c.input_gradient(0), c.write(0));
}

Shape SubtractMean::infer(std::span<const Shape> inputs) const { return expect_colours(inputs); }

std::vector<ParameterSpec> SubtractMean::parameters(std::span<const Shape>) const {
  std::vector<double> shift;
  for (const double mean : mean_) shift.push_back(-255 * mean);
  return {{"scale", {3}, ParameterSpec::Role::constant, {1, 1, 1}},
          {"shift", {3}, ParameterSpec::Role::constant, shift}};
}

void SubtractMean::forward(ForwardContext& c) const {
  c.run<ChannelAffine>(sizes(c.output_shape()), c.input(0), c.parameter(0), c.parameter(1), c.output(),
                       Write::set);
}
void SubtractMean::backward(BackwardContext& c) const {
  c.pass(c.output_gradient(), c.input_gradient(0), c.write(0));
}

}  // namespace backlight
