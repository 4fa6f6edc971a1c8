#pragma once

#include "engine/op.h"

namespace backlight {

///   y = a + b;   da = dy,  db = dy
/// The residual join (He et al. 2015, arXiv 1512.03385). Two inputs of one shape.
class AddOp : public Op {
 public:
  std::string_view kind() const override { return "add"; }
  Shape infer(std::span<const Shape> inputs) const override;
  int overwrites(std::span<const Shape>) const override { return 0; }
  bool passes_gradient(int, std::span<const Shape>) const override { return true; }
  double flop(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].elements());
  }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

}  // namespace backlight
