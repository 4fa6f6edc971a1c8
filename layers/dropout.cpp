#include "layers/dropout.h"

#include "engine/context.h"
#include "kernels/elementwise.h"
#include "layers/expect.h"

namespace backlight {

Shape Dropout::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 1);
  return inputs[0];
}
void Dropout::forward(ForwardContext& c) const {
  if (c.input(0).data != c.output().data)
    c.run<Accumulate>(ElementwiseSizes{c.output_shape().elements()}, c.input(0), c.output(), Write::set);
}
void Dropout::backward(BackwardContext& c) const {
  if (c.output_gradient().data != c.input_gradient(0).data)
    c.run<Accumulate>(ElementwiseSizes{c.output_shape().elements()}, c.output_gradient(), c.input_gradient(0),
                      c.write(0));
}

}  // namespace backlight
