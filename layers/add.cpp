#include "layers/add.h"

#include "engine/context.h"
#include "kernels/elementwise.h"
#include "layers/expect.h"

namespace backlight {

Shape AddOp::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 2);
  if (!(inputs[0] == inputs[1])) throw Error("only equal shapes can be added");
  return inputs[0];
}

// y = a + b
void AddOp::forward(ForwardContext& c) const {
  c.run<Add>(ElementwiseSizes{c.output_shape().elements()}, c.input(0), c.input(1), c.output());
}

// da = dy, db = dy
void AddOp::backward(BackwardContext& c) const {
  for (int i = 0; i < c.inputs(); ++i)
    if (c.wants_input(i)) c.pass(c.output_gradient(), c.input_gradient(i), c.write(i));
}

}  // namespace backlight
