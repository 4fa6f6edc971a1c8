#pragma once

#include "engine/op.h"

namespace backlight {

/// Dropout (Srivastava et al. 2014) at inference: y = x, dx = dy. It stands in the graph so that nodes have
/// the names and the numbers that they have in the framework.
class Dropout : public Op {
 public:
  std::string_view kind() const override { return "dropout"; }
  Shape infer(std::span<const Shape> inputs) const override;
  int overwrites(std::span<const Shape>) const override { return 0; }
  bool passes_gradient(int, std::span<const Shape>) const override { return true; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

}  // namespace backlight
