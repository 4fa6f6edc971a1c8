#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/tensor.h"
#include "kernels/implementation.h"

namespace backlight {

/// A tensor of a call, and what it is: "layer1.0.relu1", "d layer1.0.relu1" (its gradient), "conv1.weight",
/// "saved by maxpool".
struct Operand {
  Tensor tensor = {};
  std::string name = {};
  /// What moves of it; for saved bits and bytes, whose tensor has no elements, their own number.
  std::size_t bytes = 0;

  explicit operator bool() const { return static_cast<bool>(tensor); }
};

/// One run of one kernel: all of it decided, its memory bound.
struct Call {
  enum class Direction : std::uint8_t { forward, replay, backward };

  NodeId node = 0;
  Direction direction = Direction::forward;
  std::string contract;  // "conv_forward"
  std::string kernel;    // the implementation that was chosen
  std::vector<std::string>
      declined;  // those before it that do not take the sizes, do not pay, or are left out
  std::vector<Operand> reads, writes;
  bool adds = false;         // to what it writes; else it replaces it
  std::size_t scratch = 0;   // bytes, of all workers together
  std::size_t prepared = 0;  // bytes of weights in the kernel's own layout
  double flop = 0;           // 0 where nobody counts
  double bytes = 0;          // what must move at least: each operand once, what is added to twice
  std::function<void(const Workers&)> run;
};

/// What a session will do, written down before it does it: calls in the order in which they run.
struct Program {
  std::vector<Call> forward, backward;
  /// The forward with the signs and winners of the run before: where everything is kept, else empty.
  std::vector<Call> replay;
};

}  // namespace backlight
