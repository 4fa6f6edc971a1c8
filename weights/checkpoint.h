#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/optimizer.h"

namespace backlight {

/// Where a training run stands, besides its parameters and what its optimizer remembers. The texts are the
/// caller's own.
struct CheckpointState {
  std::string settings, data, command, history;
  std::string architecture;
  std::int64_t epoch = 0, place = 0;  // the next picture of the run
  std::vector<double> sums;           // of the epoch so far, at least one
};

/// Writes everything from which the run can go on to the same bits, each tensor in its own precision, wholly
/// or not at all. Throws Error where
/// a tensor is not finite or the file cannot be written: the one before it is then still there.
void write_checkpoint(const std::filesystem::path& path, const CheckpointState& state, const Graph& graph,
                      const Parameters& parameters, const Optimizer& optimizer);

/// What a checkpoint says of its run, no tensor read. Throws Error where the file is missing, damaged, no
/// checkpoint or one of another version.
CheckpointState read_checkpoint_state(const std::filesystem::path& path);

/// Restores the parameters and the optimizer. Throws Error, and leaves both as they were, where a tensor is
/// missing, has another shape or precision, is of another network or is not finite.
void read_checkpoint(const std::filesystem::path& path, const Graph& graph, Parameters& parameters,
                     Optimizer& optimizer);

}  // namespace backlight
