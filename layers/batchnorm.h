#pragma once

#include "engine/op.h"

namespace backlight {

///   y = γ·(x − μ)/√(σ² + ε) + β, per channel        (Ioffe & Szegedy 2015, arXiv 1502.03167)
/// Inference: μ and σ² are the running statistics, so y = scale·x + shift and dx = scale·dy. Training: they
/// are the batch's own (σ² the biased one), the backward goes through them, and the running statistics move
/// by `momentum`. Input N,C,H,W; parameters `weight` γ, `bias` β, `running_mean`, `running_var`.
class BatchNorm : public Op {
 public:
  enum class Mode { inference, training };
  explicit BatchNorm(Mode mode = Mode::inference, double epsilon = 1e-5, double momentum = 0.1)
      : mode_(mode), epsilon_(epsilon), momentum_(momentum) {}
  Mode mode() const { return mode_; }
  double epsilon() const { return epsilon_; }

  std::string_view kind() const override { return "batchnorm"; }
  std::string description() const override { return mode_ == Mode::training ? "training" : ""; }
  Shape infer(std::span<const Shape> inputs) const override;
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override;
  std::size_t saved_bytes(std::span<const Shape> inputs, Precision precision) const override;
  bool forward_needs_saved() const override { return true; }
  BackwardReads backward_reads(bool parameters) const override {
    return {parameters || mode_ == Mode::training, false};
  }
  int overwrites(std::span<const Shape>) const override { return mode_ == Mode::inference ? 0 : -1; }
  bool backward_in_place() const override { return mode_ == Mode::inference; }
  double flop(std::span<const Shape> inputs) const override {
    return 2.0 * static_cast<double>(inputs[0].elements());
  }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  Mode mode_;
  double epsilon_, momentum_;
};

}  // namespace backlight
