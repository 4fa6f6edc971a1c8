#pragma once

#include "engine/op.h"

namespace backlight {

///   y[n,o] = b[o] + Σ_i w[o,i] · x[n,i]
/// Input N,I; parameters `weight` O,I and `bias` O; output N,O.
class Linear : public Op {
 public:
  explicit Linear(std::int64_t out, bool bias = true) : out_(out), bias_(bias) {}
  std::string_view kind() const override { return "linear"; }
  Shape infer(std::span<const Shape> inputs) const override;
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override;
  BackwardReads backward_reads(bool parameters) const override { return {parameters, false}; }
  double flop(std::span<const Shape> inputs) const override;
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  std::int64_t out_;
  bool bias_;
};

}  // namespace backlight
