#pragma once

#include <array>

#include "engine/op.h"

namespace backlight {

///   y = (x/255 − mean[c]) / std[c];   dx = dy / (255·std[c])
/// From grey levels (0 … 255) to what a network was trained on. It is a node of the graph, so gradients,
/// epsilons and clipping live in pixel space. `mean` and `std` are in units of 0 … 1, as the frameworks state
/// them. Input N,3,H,W.
class Normalize : public Op {
 public:
  Normalize(const std::array<double, 3>& mean, const std::array<double, 3>& std) : mean_(mean), std_(std) {}
  std::string_view kind() const override { return "normalize"; }
  Shape infer(std::span<const Shape> inputs) const override;
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override;
  int overwrites(std::span<const Shape>) const override { return 0; }
  bool backward_in_place() const override { return true; }
  double flop(std::span<const Shape> inputs) const override {
    return 2.0 * static_cast<double>(inputs[0].elements());
  }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
  const std::array<double, 3>& mean() const { return mean_; }
  const std::array<double, 3>& std() const { return std_; }

 private:
  std::array<double, 3> mean_, std_;
};

///   y = x − 255·mean[c];   dx = dy
/// What is left of Normalize where the layer after it has taken the scale into its weights
/// (layers/passes/fold_input_scale.h).
class SubtractMean : public Op {
 public:
  explicit SubtractMean(const std::array<double, 3>& mean) : mean_(mean) {}
  std::string_view kind() const override { return "subtract_mean"; }
  Shape infer(std::span<const Shape> inputs) const override;
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override;
  int overwrites(std::span<const Shape>) const override { return 0; }
  bool passes_gradient(int, std::span<const Shape>) const override { return true; }
  double flop(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].elements());
  }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  std::array<double, 3> mean_;
};

}  // namespace backlight
