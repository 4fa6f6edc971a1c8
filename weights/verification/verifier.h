#pragma once

// Private to weights/verification/.
#include <memory>
#include <vector>

#include "weights/verification/dumped_run.h"

namespace backlight {

/// The three runs of a network beside a dump: free, local and held (verification.h).
class Verifier {
 public:
  /// Throws what a DumpedRun throws.
  Verifier(const ReferenceDump& dump, const Graph& network, std::shared_ptr<const Parameters> parameters,
           const SessionOptions& options)
      : dump_(dump), run_(dump, network, std::move(parameters), options), nodes_(network.nodes().size()) {}

  /// All distances and kinks, and what could not be compared. Verdicts are still to be spoken.
  Verification run();
  DumpedRun& dumped_run() { return run_; }

 private:
  using Part = ReferenceDump::Part;
  using Slot = Distance Distances::*;

  VerifiedValue* row(Part part, ValueId id) { return find_row(result_, run_.theirs().name(part, id)); }

  /// Compares everything that the dump holds with what the session holds after a run.
  void compare_all(Slot slot);
  void compare_parameter(VerifiedValue& row, Slot slot);
  void count_compared();
  void run_free();
  void run_local();
  void count_kinks();
  void run_held();

  const ReferenceDump& dump_;
  DumpedRun run_;
  std::size_t nodes_;  // of the network
  Verification result_;
  std::vector<std::vector<std::uint8_t>> free_decisions_;  // by node
};

}  // namespace backlight
