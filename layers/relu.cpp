#include "layers/relu.h"

#include "engine/context.h"
#include "layers/expect.h"

namespace backlight {
namespace {
ReluSizes sizes(const Shape& x) {
  const std::int64_t rows = x.rank() > 1 ? x.batch() * x.pixels() : 1;
  return {rows, x.elements() / rows};
}
}  // namespace

Shape Relu::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 1);
  return inputs[0];
}

std::size_t Relu::saved_bytes(std::span<const Shape> inputs, Precision) const {
  return static_cast<std::size_t>(sizes(inputs[0]).mask_bytes());
}

// y = max(x, 0), or x where the saved sign says so
void Relu::forward(ForwardContext& c) const {
  const ReluSizes s = sizes(c.output_shape());
  if (c.replay())
    c.run<ReluReplay>(s, c.input(0), c.saved(), c.output());
  else
    c.run<ReluForward>(s, c.input(0), c.output(), c.saved());
}

// dx = g·[x>0], g·[x>0]·[g>0] or g·[g>0]
void Relu::backward(BackwardContext& c) const {
  c.run<ReluBackward>(sizes(c.output_shape()), c.rule(), c.output_gradient(), c.saved(), c.input_gradient(0),
                      c.write(0));
}

}  // namespace backlight
