#pragma once

#include "engine/context.h"
#include "engine/op.h"

namespace backlight {

/// What a convolution or a linear layer does with its sum besides adding its bias, once a pass has made one
/// node of it and of what follows:
///
///   y = Σ + b [+ r],  then max(y, 0)
///
/// r is a second input, of the output's shape.
struct Ending {
  bool residual = false, relu = false;
};

/// An op with an ending. The gradient that arrives has passed the ReLU already (Op::ends_in_relu).
class OpWithEnding : public Op {
 public:
  explicit OpWithEnding(const Ending& ending) : ending_(ending) {}
  const Ending& ending() const { return ending_; }

  std::size_t saved_bytes(std::span<const Shape> inputs, Precision precision) const override;
  Decisions decisions() const override { return ending_.relu ? Decisions::signs : Decisions::none; }
  bool ends_in_relu() const override { return ending_.relu; }
  int overwrites(std::span<const Shape>) const override { return ending_.residual ? 1 : -1; }
  bool passes_gradient(int input, std::span<const Shape>) const override { return input == 1; }
  bool gates_gradient(int input) const override { return input == 0; }

 protected:
  /// The inputs before the residual, when that has the shape of the output. Throws Error otherwise.
  std::span<const Shape> own_inputs(std::span<const Shape> inputs) const;
  Shape checked(std::span<const Shape> inputs, const Shape& output) const;
  std::string described() const;
  Finish finish(const ForwardContext& context, const Operand& bias) const;
  /// dr = dy
  void pass_to_residual(const BackwardContext& context) const;

 private:
  Ending ending_;
};

}  // namespace backlight
