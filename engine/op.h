#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tensor.h"

namespace backlight {

class ForwardContext;
class BackwardContext;

/// What an op wants to be given besides its inputs.
struct ParameterSpec {
  enum class Role {
    trainable,  // learned by gradient descent: weight, bias
    statistic,  // learned otherwise: batch normalisation's running mean and variance
    constant    // known when the network is built: `values`; never in a weight file
  };
  std::string name;  // the last part of the state-dict name: "weight"
  Shape shape;
  Role role = Role::trainable;
  std::vector<double> values = {};
};

/// What the backward of an op reads of the forward, besides what it saved itself.
struct BackwardReads {
  bool inputs = false;
  bool output = false;
};

/// What the forward decides and its saved bytes hold: a sign per element (a bit), a winner per window (a
/// byte).
enum class Decisions { none, signs, winners };

/// One operation: immutable, unaware of its device, without pixel loops. Activations have the shapes N,C,H,W
/// or N,C.
class Op {
 public:
  virtual ~Op() = default;

  /// The term of the field: "conv", "relu", "max_pool".
  virtual std::string_view kind() const = 0;
  /// What sets it apart from others of its kind, for people: "3x3, stride 2, padding 1".
  virtual std::string description() const { return {}; }
  /// The output shape. Throws Error, without naming the node, where the inputs do not fit.
  virtual Shape infer(std::span<const Shape> inputs) const = 0;
  virtual std::vector<ParameterSpec> parameters(std::span<const Shape>) const { return {}; }
  /// Bytes that the forward leaves for the backward: one bit per element, a byte per window …
  virtual std::size_t saved_bytes(std::span<const Shape>, Precision) const { return 0; }
  /// True: the forward itself works in those bytes, so they are there even where no backward follows.
  virtual bool forward_needs_saved() const { return false; }
  virtual Decisions decisions() const { return Decisions::none; }
  /// What the backward reads, for the gradient of the inputs alone or of the parameters too.
  virtual BackwardReads backward_reads(bool /*parameters*/) const { return {}; }
  /// Whether there is a gradient in this input: not in labels.
  virtual bool has_gradient(int /*input*/) const { return true; }
  /// The input that the forward may write its output over; −1: none.
  virtual int overwrites(std::span<const Shape> /*inputs*/) const { return -1; }
  /// Whether the backward may write the gradient of the only input over the incoming one.
  virtual bool backward_in_place() const { return false; }
  /// Whether the gradient of this input is the incoming one itself, so that it need not be copied.
  virtual bool passes_gradient(int /*input*/, std::span<const Shape> /*inputs*/) const { return false; }
  /// Whether its output is that of a ReLU within it: the rule of the differentiation is then applied to the
  /// incoming gradient before `backward`, by whoever wrote it last or in a call of its own.
  virtual bool ends_in_relu() const { return false; }
  /// Whether what it writes as the gradient of this input can pass the ReLU that made the input on the way
  /// (BackwardContext::gate).
  virtual bool gates_gradient(int /*input*/) const { return false; }
  /// Floating-point operations of the forward (a multiply-add is two).
  virtual double flop(std::span<const Shape> inputs) const = 0;

  /// What there is to run, in order: asked once, when a session is made, and written down (engine/program.h).
  virtual void forward(ForwardContext& context) const = 0;
  virtual void backward(BackwardContext& context) const = 0;
};

}  // namespace backlight
