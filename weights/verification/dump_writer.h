#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/session.h"
#include "weights/verification/reference_dump.h"

namespace backlight {

/// What is to be computed, and what the dump says of it.
struct DumpRequest {
  std::string producer, architecture;
  ReluRule rule = ReluRule::gradient;
  Objective objective = Objective::logit;
  std::vector<double> input;  // N,3,H,W, after normalisation
  std::int64_t target = -1;   // a class for every image; below 0: each image's own best
};

/// Runs a network (network_of, verification.h: its input is called "input") in the precision of the
/// parameters, and writes a reference dump, version 1, of every node. Gives the target of each image. Throws
/// Error where the machine has not the memory or the file cannot be written; then there is none.
std::vector<std::int64_t> write_reference_dump(const std::filesystem::path& path, const DumpRequest& request,
                                               const Graph& network,
                                               std::shared_ptr<const Parameters> parameters,
                                               SessionOptions options);

}  // namespace backlight
