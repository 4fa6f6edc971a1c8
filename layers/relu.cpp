#include "layers/relu.h"

#include "engine/context.h"
#include "layers/expect.h"

namespace backlight {

Shape Relu::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 1);
  return inputs[0];
}

std::size_t Relu::saved_bytes(std::span<const Shape> inputs, Precision) const {
  return static_cast<std::size_t>(ReluSizes{inputs[0].elements()}.mask_bytes());
}

// y = max(x, 0), or x where the saved sign says so
void Relu::forward(ForwardContext& c) const {
  const ReluSizes s{c.output_shape().elements()};
  if (c.replay())
    c.run<ReluReplay>(s, c.input(0), c.saved(), c.output());
  else
    c.run<ReluForward>(s, c.input(0), c.output(), c.saved());
}

// dx = g·[x>0], g·[x>0]·[g>0] or g·[g>0]
void Relu::backward(BackwardContext& c) const {
  c.run<ReluBackward>(ReluSizes{c.output_shape().elements()}, c.rule(), c.output_gradient(), c.saved(),
                      c.input_gradient(0), c.write(0));
}

}  // namespace backlight
