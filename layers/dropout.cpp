#include "layers/dropout.h"

#include "engine/context.h"
#include "layers/expect.h"

namespace backlight {

Shape Dropout::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 1);
  return inputs[0];
}
void Dropout::forward(ForwardContext& c) const { c.pass(c.input(0), c.output(), Write::set); }
void Dropout::backward(BackwardContext& c) const {
  c.pass(c.output_gradient(), c.input_gradient(0), c.write(0));
}

}  // namespace backlight
