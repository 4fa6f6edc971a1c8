#pragma once

#include <vector>

#include "engine/arena.h"
#include "engine/differentiate.h"
#include "engine/kernel_choice.h"
#include "engine/parameters.h"
#include "engine/program.h"
#include "kernels/tuning.h"

namespace backlight {

/// All that a program is made of.
struct CompileInput {
  const Graph& graph;
  const Differentiation* differentiation;  // null: forward only
  const Plan& plan;
  const Arena& arena;
  const Parameters& parameters;
  const Parameters& constants;
  const KernelChoice& kernels;
  Tuning* tuning;  // null: none
  Precision precision;
  Device device;
  Machine machine;
  bool replay;  // write the replay down too
};

struct Compiled {
  Program program;
  std::vector<PreparedParameter*> prepared;  // what has to be fresh before the program runs
  std::size_t scratch = 0, shared = 0;       // bytes that one worker, and all together, need at most
};

/// Asks every op what it does, forward and then backward, and writes it down. Throws Error where no
/// implementation takes an op's sizes.
Compiled compile(const CompileInput& input);

}  // namespace backlight
