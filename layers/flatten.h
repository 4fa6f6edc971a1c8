#pragma once

#include "engine/op.h"

namespace backlight {

///   y[n, (c·H + i)·W + j] = x[n,c,i,j]
/// N,C,H,W becomes N,C·H·W in the framework's order, so that the linear layer after it can use the
/// framework's weights.
class Flatten : public Op {
 public:
  std::string_view kind() const override { return "flatten"; }
  Shape infer(std::span<const Shape> inputs) const override;
  // Of one pixel the order is the same already.
  int overwrites(std::span<const Shape> inputs) const override { return inputs[0].pixels() == 1 ? 0 : -1; }
  bool passes_gradient(int, std::span<const Shape> inputs) const override { return inputs[0].pixels() == 1; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

}  // namespace backlight
