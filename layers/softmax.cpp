#include "layers/softmax.h"

#include "engine/context.h"
#include "kernels/softmax.h"
#include "layers/expect.h"

namespace backlight {
namespace {
SoftmaxSizes sizes(const Context& c) { return {c.input_shape(0).batch(), c.input_shape(0).channels()}; }
}  // namespace

Shape Softmax::infer(std::span<const Shape> inputs) const { return expect_rows(inputs); }
void Softmax::forward(ForwardContext& c) const { c.run<SoftmaxForward>(sizes(c), c.input(0), c.output()); }
void Softmax::backward(BackwardContext& c) const {
  c.run<SoftmaxBackward>(sizes(c), c.output(), c.output_gradient(), c.input_gradient(0), c.write(0));
}

Shape CrossEntropy::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 2);
  const Shape& logits = expect_rows(inputs.first(1));
  if (!(inputs[1] == Shape{logits.batch()})) throw Error("takes N,C logits and N labels");
  return {logits.batch()};
}
std::size_t CrossEntropy::saved_bytes(std::span<const Shape> inputs, Precision precision) const {
  return static_cast<std::size_t>(inputs[0].elements()) * element_bytes(precision);
}
void CrossEntropy::forward(ForwardContext& c) const {
  c.run<CrossEntropyForward>(sizes(c), c.input(0), c.input(1), c.output(), c.saved(0, c.input_shape(0)));
}
void CrossEntropy::backward(BackwardContext& c) const {
  c.run<CrossEntropyBackward>(sizes(c), c.saved(0, c.input_shape(0)), c.input(1), c.output_gradient(),
                              c.input_gradient(0), c.write(0));
}

Shape SoftCrossEntropy::infer(std::span<const Shape> inputs) const {
  expect_inputs(inputs, 2);
  const Shape& logits = expect_rows(inputs.first(1));
  if (!(inputs[1] == logits)) throw Error("takes N,C logits and N,C targets");
  return {logits.batch()};
}
void SoftCrossEntropy::forward(ForwardContext& c) const {
  c.run<SoftCrossEntropyForward>(sizes(c), c.input(0), c.input(1), c.output(), c.saved(0, c.input_shape(0)));
}
void SoftCrossEntropy::backward(BackwardContext& c) const {
  c.run<SoftCrossEntropyBackward>(sizes(c), c.saved(0, c.input_shape(0)), c.input(1), c.output_gradient(),
                                  c.input_gradient(0), c.write(0));
}

}  // namespace backlight
