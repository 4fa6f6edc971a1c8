#include "layers/ending.h"

#include "layers/expect.h"

namespace backlight {

std::size_t OpWithEnding::saved_bytes(std::span<const Shape> inputs, Precision) const {
  if (!ending_.relu) return 0;
  const Shape y = infer(inputs);
  return static_cast<std::size_t>(ReluSizes{y.batch() * y.pixels(), y.channels()}.mask_bytes());
}

std::span<const Shape> OpWithEnding::own_inputs(std::span<const Shape> inputs) const {
  if (!ending_.residual) return inputs;
  expect_inputs(inputs, 2);
  return inputs.first(1);
}

Shape OpWithEnding::checked(std::span<const Shape> inputs, const Shape& output) const {
  if (ending_.residual && !(inputs[1] == output))
    throw Error("what is added has the shape " + to_string(inputs[1]) + ", the output " + to_string(output));
  return output;
}

std::string OpWithEnding::described() const {
  return std::string(ending_.residual ? " + add" : "") + (ending_.relu ? " + relu" : "");
}

Finish OpWithEnding::finish(const ForwardContext& c, const Operand& bias) const {
  Finish finish{.bias = bias};
  if (ending_.residual) finish.residual = c.input(1);
  if (ending_.relu) finish.relu = true, finish.signs = c.saved(), finish.replay = c.replay();
  return finish;
}

void OpWithEnding::pass_to_residual(const BackwardContext& c) const {
  if (ending_.residual && c.wants_input(1)) c.pass(c.output_gradient(), c.input_gradient(1), c.write(1));
}

}  // namespace backlight
