#pragma once

#include <string>
#include <vector>

#include "engine/session.h"
#include "weights/verification/training_dump.h"

namespace backlight {

/// A parameter after the first batch: its gradient, or the running statistic that it is, held against the
/// dump.
struct VerifiedParameter {
  std::string name;
  bool statistic = false;
  Shape shape;
  bool whole = true;    // false: the dump holds a sample
  double distance = 0;  // relative_distance()
};

/// The losses of one optimizer, step by step.
struct VerifiedRun {
  TrainingDump::Run dump;
  std::vector<double> losses;  // ours
  std::size_t worst = 0;       // the step that differs most
  double distance = 0;         // |ours − the dump's| / |the dump's|, there
};

struct TrainingVerification {
  static constexpr double gradient_bar = 1e-10, loss_bar = 1e-8;
  std::vector<VerifiedParameter> parameters;  // in the order of the state dict
  std::vector<VerifiedRun> runs;

  /// The parameter, or run, that differs most.
  const VerifiedParameter& worst_parameter() const;
  const VerifiedRun& worst_run() const;
  bool pass() const;
  static bool off(const VerifiedParameter& p) { return !(p.distance <= gradient_bar); }
  static bool off(const VerifiedRun& r) { return !(r.distance <= loss_bar); }
};

/// Trains the dump's network from its start as the dump says, in float64, and holds what comes of it against
/// the dump: the gradient of every parameter and every running statistic after the first batch, and every
/// loss. Throws Error where the architecture is unknown, or a gradient or statistic is missing, of another
/// shape, or none of the network's, and where the machine has not the memory.
TrainingVerification verify(const TrainingDump& dump, const SessionOptions& options);

}  // namespace backlight
