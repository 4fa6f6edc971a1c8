#pragma once

#include "engine/op.h"

namespace backlight {

///   p[n,k] = exp(x[n,k]) / Σ_j exp(x[n,j]);   dx = p·(dp − Σ_j dp_j·p_j)
/// Input and output N,C.
class Softmax : public Op {
 public:
  std::string_view kind() const override { return "softmax"; }
  Shape infer(std::span<const Shape> inputs) const override;
  BackwardReads backward_reads(bool) const override { return {false, true}; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

///   loss[n] = −log softmax(x[n])[label[n]];   dx[n,k] = dloss[n]·(p[n,k] − [k = label[n]])
/// Inputs: logits N,C, and N labels: class indices stored as numbers. Output N. Saves p.
class CrossEntropy : public Op {
 public:
  std::string_view kind() const override { return "cross_entropy"; }
  Shape infer(std::span<const Shape> inputs) const override;
  std::size_t saved_bytes(std::span<const Shape> inputs, Precision precision) const override;
  BackwardReads backward_reads(bool) const override { return {true, false}; }
  bool has_gradient(int input) const override { return input == 0; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

///   loss[n] = −Σ_k target[n,k]·log softmax(x[n])[k];   dx = dloss[n]·(p·Σ target − target)
/// Inputs: logits N,C and targets N,C, each row of them the shares of the classes (PyTorch's cross_entropy
/// with class probabilities). Output N. Saves p.
class SoftCrossEntropy : public CrossEntropy {
 public:
  std::string_view kind() const override { return "soft_cross_entropy"; }
  Shape infer(std::span<const Shape> inputs) const override;
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;
};

}  // namespace backlight
