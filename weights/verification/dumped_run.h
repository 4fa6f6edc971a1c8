#pragma once

// Private to weights/verification/.
#include <memory>
#include <vector>

#include "weights/verification/dumped_values.h"

namespace backlight {

/// A network that runs as a dump says: from its input, with its rule and objective, back to the input again.
class DumpedRun {
 public:
  /// The dump must outlive the object. Throws Error where the network's input has another shape than the
  /// dump's or a target is no class, and what a session throws, before anything of the dump is read.
  DumpedRun(const ReferenceDump& dump, const Graph& network, std::shared_ptr<const Parameters> parameters,
            SessionOptions options);

  Session& session() { return *session_; }
  /// The network with the dump's objective.
  const Graph& graph() const { return session_->graph(); }
  const DumpedValues& theirs() const { return *theirs_; }

  /// The three parts of a run. Replay: every sign and winner as in the run before.
  void set_inputs();
  void forward(bool replay = false) { session_->forward(replay); }
  void backward() { session_->backward(std::span<const double>(seed_)); }

 private:
  const ReferenceDump& dump_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<const DumpedValues> theirs_;
  std::vector<double> labels_, seed_;  // seed: the gradient of the objective at its own values
};

}  // namespace backlight
