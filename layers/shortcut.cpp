#include "layers/shortcut.h"

#include "engine/context.h"
#include "layers/expect.h"

namespace backlight {

Shape Shortcut::infer(std::span<const Shape> inputs) const {
  const Shape& x = expect_image(inputs);
  if (out_channels_ < x.channels() || stride_ < 1) throw Error("an option-A shortcut only adds channels");
  return {x.batch(), out_channels_, (x.height() + stride_ - 1) / stride_,
          (x.width() + stride_ - 1) / stride_};
}

ShortcutSizes Shortcut::sizes(const Shape& x, const Shape& y) const {
  return {x.batch(),    x.height(), x.width(),
          x.channels(), y.height(), y.width(),
          y.channels(), stride_,    (y.channels() - x.channels()) / 2};
}

void Shortcut::forward(ForwardContext& c) const {
  c.run<ShortcutForward>(sizes(c.input_shape(0), c.output_shape()), c.input(0), c.output());
}
void Shortcut::backward(BackwardContext& c) const {
  c.run<ShortcutBackward>(sizes(c.input_shape(0), c.output_shape()), c.output_gradient(), c.input_gradient(0),
                          c.write(0));
}

}  // namespace backlight
