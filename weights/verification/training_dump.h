#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/optimizer.h"
#include "weights/verification/dump_tensor.h"

namespace backlight {

/// What another program computed when it trained a network for a few steps: a training dump, version 1
/// (weights/README.md).
struct TrainingDump {
  /// Steps of one optimizer from the start. Step s trains on the images s·batch … (s+1)·batch − 1, again from
  /// the first image after the last.
  struct Run {
    OptimizerOptions optimizer;
    double rate = 0;             // the length of every step
    std::vector<double> losses;  // the mean cross-entropy of the step's batch, before the parameters move
  };

  std::string producer, architecture;
  std::uint64_t seed = 0;  // the start is initialize(graph, seed)
  std::int64_t classes = 0, batch = 0;
  std::array<double, 3> mean{}, std{};  // as in ModelInfo
  Shape shape;                          // of the images: M,3,S,S
  std::vector<double> images;           // grey levels
  std::vector<std::int64_t> labels;
  /// By the name of the parameter: its gradient for the first batch, and what that makes of running
  /// statistics.
  std::map<std::string, DumpTensor> gradients, statistics;
  std::vector<Run> runs;
};

/// Whether the file says that it is a training dump, whatever its version. Throws Error where it is no HDF5
/// file.
bool is_training_dump(const std::filesystem::path& path);

/// Throws Error where the file is missing, damaged, of another format or a newer version; lacks something or
/// holds something that is no part of a training dump; or contradicts itself: a label that is no class, or
/// images that do not make whole batches; or declares far more than the file can hold. Nothing of that is
/// read before.
TrainingDump read_training_dump(const std::filesystem::path& path);

}  // namespace backlight
