#include "apps/memory_listing.h"

#include <nlohmann/json.hpp>

#include "apps/formatted.h"

namespace backlight {

std::string memory_text(const Session& session) {
  const MemoryUse use = session.memory();
  const Plan::Unplanned& unplanned = session.plan().unplanned;
  const auto line = [](const char* what, std::size_t bytes, const std::string& why) {
    return formatted("  %-16s %9.2f   %s\n", what, static_cast<double>(bytes) / 1e6, why.c_str());
  };
  const auto megabytes = [](std::size_t bytes) { return static_cast<double>(bytes) / 1e6; };
  return formatted("memory, MB, for a batch of %lld on %d threads\n",
                   static_cast<long long>(session.graph().value(0).shape.batch()),
                   session.options().threads) +
         line("arena", use.arena,
              formatted("activations %.2f, saved for the backward %.2f, gradients %.2f share it",
                        megabytes(unplanned.activations), megabytes(unplanned.saved),
                        megabytes(unplanned.gradients))) +
         line("scratch", use.scratch, "of the kernels") +
         line("packed weights", use.prepared, "in the kernels' own layouts, a copy for each direction") +
         line("other weights", use.weights, "that kernels take as they are in the file") +
         formatted("  %-16s %9.2f\n", "together", megabytes(use.total()));
}

nlohmann::json memory_json(const Session& session) {
  const MemoryUse use = session.memory();
  const Plan::Unplanned& unplanned = session.plan().unplanned;
  return {{"arena", use.arena},
          {"arena_if_nothing_were_shared",
           {{"activations", unplanned.activations},
            {"saved", unplanned.saved},
            {"gradients", unplanned.gradients}}},
          {"scratch", use.scratch},
          {"prepared", use.prepared},
          {"weights", use.weights},
          {"together", use.total()}};
}

}  // namespace backlight
