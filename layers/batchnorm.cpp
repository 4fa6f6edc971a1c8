#include "layers/batchnorm.h"

#include "engine/context.h"
#include "kernels/channel.h"
#include "layers/expect.h"

namespace backlight {
namespace {

enum Parameter { gamma, beta, running_mean, running_variance };
/// What the forward leaves behind, one number per channel each.
enum Slot { scale, shift, inverse_deviation, batch_mean, batch_variance, gradient_sum, gradient_dot, slots };

Operand slot(const Context& c, Slot which) {
  const std::int64_t channels = c.output_shape().channels();
  return c.saved(which * channels, {channels});
}

ChannelSizes sizes(const Shape& x) { return {x.batch() * x.pixels(), x.channels()}; }

}  // namespace

Shape BatchNorm::infer(std::span<const Shape> inputs) const { return expect_image(inputs); }

std::vector<ParameterSpec> BatchNorm::parameters(std::span<const Shape> inputs) const {
  const Shape channels{inputs[0].channels()};
  using Role = ParameterSpec::Role;
  return {{"weight", channels},
          {"bias", channels},
          {"running_mean", channels, Role::statistic},
          {"running_var", channels, Role::statistic}};
}

std::size_t BatchNorm::saved_bytes(std::span<const Shape> inputs, Precision precision) const {
  return static_cast<std::size_t>(slots * inputs[0].channels()) * element_bytes(precision);
}

// y = scale·x + shift, scale = γ/√(σ² + ε), shift = β − μ·scale
void BatchNorm::forward(ForwardContext& c) const {
  const ChannelSizes s = sizes(c.output_shape());
  Operand mean = c.parameter(running_mean), variance = c.parameter(running_variance);
  if (mode_ == Mode::training) {
    mean = slot(c, batch_mean);
    variance = slot(c, batch_variance);
    c.run<ChannelMoments>(s, c.input(0), mean, variance);
    c.run<RunningMoments>(s, mean, variance, momentum_, c.parameter(running_mean),
                          c.parameter(running_variance));
  }
  c.run<NormScale>(s, c.parameter(gamma), c.parameter(beta), mean, variance, epsilon_, slot(c, scale),
                   slot(c, shift), slot(c, inverse_deviation));
  c.run<ChannelAffine>(s, c.input(0), slot(c, scale), slot(c, shift), c.output(), Write::set);
}

// dβ = Σ dy,  dγ = Σ dy·x̂,  dx = scale·dy, or in training dx = scale·(dy − dβ/R − x̂·dγ/R)
void BatchNorm::backward(BackwardContext& c) const {
  const ChannelSizes s = sizes(c.output_shape());
  const bool training = mode_ == Mode::training;
  const Operand mean = training ? slot(c, batch_mean) : c.parameter(running_mean);
  const Operand dbeta = c.wants_parameters() ? c.parameter_gradient(beta) : slot(c, gradient_sum);
  const Operand dgamma = c.wants_parameters() ? c.parameter_gradient(gamma) : slot(c, gradient_dot);
  if (training || c.wants_parameters())
    c.run<NormGradientSums>(s, c.input(0), c.output_gradient(), mean, slot(c, inverse_deviation), dbeta,
                            dgamma);
  if (!c.wants_input(0)) return;
  if (training)
    c.run<NormBackward>(s, c.input(0), c.output_gradient(), mean, slot(c, inverse_deviation), slot(c, scale),
                        dbeta, dgamma, c.input_gradient(0), c.write(0));
  else
    c.run<ChannelAffine>(s, c.output_gradient(), slot(c, scale), Operand{}, c.input_gradient(0), c.write(0));
}

}  // namespace backlight
