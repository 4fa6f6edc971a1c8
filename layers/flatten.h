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
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

}  // namespace backlight
