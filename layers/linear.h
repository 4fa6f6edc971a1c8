#pragma once

#include "layers/ending.h"

namespace backlight {

///   y[n,o] = b[o] + Σ_i w[o,i] · x[n,i]
/// Input N,I; parameters `weight` O,I and `bias` O; output N,O.
class Linear : public OpWithEnding {
 public:
  explicit Linear(std::int64_t out, bool bias = true) : OpWithEnding({}), out_(out), bias_(bias) {}
  /// The same layer with another ending.
  Linear(const Linear& layer, const Ending& ending)
      : OpWithEnding(ending), out_(layer.out_), bias_(layer.bias_) {}
  std::string_view kind() const override { return "linear"; }
  std::string description() const override { return described(); }
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
