#include "layers/flatten.h"

#include "engine/context.h"
#include "kernels/layout.h"
#include "layers/expect.h"

namespace backlight {
namespace {
LayoutSizes sizes(const Shape& x) { return {x.batch(), x.channels(), x.pixels()}; }
}  // namespace

Shape Flatten::infer(std::span<const Shape> inputs) const {
  const Shape& x = expect_image(inputs);
  return {x.batch(), x.channels() * x.pixels()};
}
void Flatten::forward(ForwardContext& c) const {
  const Shape x = c.input_shape(0);
  if (x.pixels() == 1) return c.pass(c.input(0), c.output(), Write::set);
  c.run<ToChannelsFirst>(sizes(x), c.input(0), c.output(), Write::set);
}
void Flatten::backward(BackwardContext& c) const {
  const Shape x = c.input_shape(0);
  if (x.pixels() == 1) return c.pass(c.output_gradient(), c.input_gradient(0), c.write(0));
  c.run<ToChannelsLast>(sizes(x), c.output_gradient(), c.input_gradient(0), c.write(0));
}

}  // namespace backlight
