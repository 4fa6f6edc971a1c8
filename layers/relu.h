#pragma once

#include "engine/op.h"
#include "kernels/relu.h"

namespace backlight {

///   y = max(x, 0)
/// Any shape. Saves one bit per element, [x>0]. What it sends back is the differentiation's rule
/// (kernels/relu.h):
///   gradient: g·[x>0]    deconvnet: g·[g>0]    guided: g·[x>0]·[g>0]
class Relu : public Op {
 public:
  std::string_view kind() const override { return "relu"; }
  Shape infer(std::span<const Shape> inputs) const override;
  std::size_t saved_bytes(std::span<const Shape> inputs, Precision precision) const override;
  Decisions decisions() const override { return Decisions::signs; }
  int overwrites(std::span<const Shape>) const override { return 0; }
  bool backward_in_place() const override { return true; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

}  // namespace backlight
