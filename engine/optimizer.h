#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/session.h"

namespace backlight {

/// How parameters follow their gradients. The formulas are in kernels/update.h; both are PyTorch's.
struct OptimizerOptions {
  enum class Method { sgd, adamw };
  Method method = Method::sgd;
  double weight_decay = 0;
  double momentum = 0.9;                              // of sgd
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  // of adamw
};

/// "sgd", "adamw". Throws UsageError for another name.
OptimizerOptions::Method optimizer_from_name(std::string_view name);
std::string_view to_string(OptimizerOptions::Method method);

/// Moves the trainable parameters of a graph against their gradients, and remembers what it needs for the
/// next step.
class Optimizer {
 public:
  /// `parameters` are those of the sessions that will give the gradients.
  Optimizer(const Graph& graph, std::shared_ptr<Parameters> parameters, const OptimizerOptions& options);

  /// One step of length `rate`, with the parameter gradients of the last backward of `session`. Throws
  /// UsageError where the session has no parameter gradients.
  void step(Session& session, double rate);

  const OptimizerOptions& options() const { return options_; }
  /// Steps taken.
  std::int64_t steps() const { return steps_; }
  /// What is remembered: for a parameter "fc.weight" the tensors "velocity.fc.weight" (sgd), or
  /// "mean.fc.weight" and "square.fc.weight" (adamw), in its shape. With `steps`, all there is to save and to
  /// restore.
  const Parameters& state() const { return state_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

 private:
  template <class T>
  void update(Session& session, double rate);

  OptimizerOptions options_;
  std::shared_ptr<Parameters> parameters_;
  std::vector<std::string> trainable_;
  Parameters state_;
  std::int64_t steps_ = 0;
};

}  // namespace backlight
