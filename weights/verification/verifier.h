#pragma once

// Private to weights/verification/.
#include <memory>
#include <vector>

#include "weights/verification/dumped_values.h"

namespace backlight {

/// The three runs of a network beside a dump: free, local and held (verification.h).
class Verifier {
 public:
  /// Throws Error where the dump has another input or another number of classes.
  Verifier(const ReferenceDump& dump, const Graph& network, std::shared_ptr<const Parameters> parameters,
           SessionOptions options);

  /// All distances and kinks. Verdicts are still to be spoken.
  Verification run();
  /// The network with the dump's objective.
  const Graph& graph() const { return session_->graph(); }

 private:
  using Part = ReferenceDump::Part;
  using Slot = Distance Distances::*;

  const std::string& name(Part part, ValueId id) const { return theirs_->name(part, id); }
  VerifiedValue* row(Part part, ValueId id);  // null where the dump holds nothing of it
  bool inputs_clean(const Node& node) const;
  bool readers_clean(ValueId id) const;
  bool parameter_clean(const std::string& name) const;

  /// Forward and backward from the dump's input and objective. Replay: every sign and winner as before.
  void propagate(bool replay);
  /// Compares everything that the dump holds with what the session holds after a run.
  void compare_all(Slot slot);
  void compare_parameter(VerifiedValue& row, Slot slot);
  void run_free();
  void run_local();
  void watch_value(ValueId id);
  void watch_gradient(ValueId id);
  void count_kinks();
  void run_held();

  const ReferenceDump& dump_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<const DumpedValues> theirs_;
  Verification result_;
  std::vector<std::vector<std::uint8_t>> free_decisions_;  // by node
  // In the local run, by value: computed by nothing but the dump's whole values since the last of them.
  std::vector<bool> clean_, clean_gradient_;
};

}  // namespace backlight
