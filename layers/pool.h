#pragma once

#include "engine/op.h"
#include "kernels/pool.h"

namespace backlight {

/// Square windows, the same padding on all sides. With `ceil` a last window may hang over the edge, as long
/// as it starts inside the image or its top-left padding (PyTorch's ceil_mode).
struct PoolOptions {
  std::int64_t kernel = 2, stride = 2, padding = 0;
  bool ceil = false;
  bool count_padding = true;  // average pooling: padding counts in the divisor
};

///   y[n,c,oy,ox] = max of the window; the gradient goes to the first maximum, as in PyTorch.
/// Input N,C,H,W. Saves one byte per window: the place of its maximum.
class MaxPool : public Op {
 public:
  explicit MaxPool(const PoolOptions& options) : options_(options) {}
  const PoolOptions& options() const { return options_; }
  std::string_view kind() const override { return "max_pool"; }
  std::string description() const override;
  Shape infer(std::span<const Shape> inputs) const override;
  std::size_t saved_bytes(std::span<const Shape> inputs, Precision precision) const override;
  Decisions decisions() const override { return Decisions::winners; }
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  PoolOptions options_;
};

///   y[n,c,oy,ox] = Σ window / divisor;   dx = Σ over the windows that hold it of dy / divisor
/// Input N,C,H,W.
class AveragePool : public Op {
 public:
  explicit AveragePool(const PoolOptions& options) : options_(options) {}
  const PoolOptions& options() const { return options_; }
  std::string_view kind() const override { return "average_pool"; }
  std::string description() const override;
  Shape infer(std::span<const Shape> inputs) const override;
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  PoolOptions options_;
};

/// The mean over equal windows that make the output `height` × `width`, whatever the input; 1 × 1 is the
/// global average. Input N,C,H,W with H and W multiples of the output's: the frameworks' adaptive average
/// pool where its windows are equal.
class AdaptiveAveragePool : public Op {
 public:
  AdaptiveAveragePool(std::int64_t height, std::int64_t width) : height_(height), width_(width) {}
  std::string_view kind() const override { return "average_pool"; }
  std::string description() const override;
  Shape infer(std::span<const Shape> inputs) const override;
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  std::int64_t height_, width_;
};

}  // namespace backlight
