#pragma once

#include "apps/demo/exhibit.h"
#include "apps/evaluation/randomisation.h"
#include "apps/inspection/kernel_comparison.h"
#include "apps/inspection/node_report.h"

namespace backlight::demo {

/// What the page says of its maps besides showing them.
struct Evidence {
  std::string animal;              // of the walk
  std::vector<NodeReport> walk;    // its ReLUs and max pools, by the true gradient
  std::vector<NodeReport> guided;  // the same nodes by guided
  std::vector<NodeReport> deconvnet;
  RandomisationCheck randomisation;
  std::vector<KernelComparison> plain_loops;  // of each animal's gradient, with that of the kernels `ref`
};

/// `options`: as the demo's model runs.
Evidence gather_evidence(const WeightFile& weights, const RunOptions& options, const Model& model,
                         const std::vector<Exhibit>& exhibits);

/// Fills in how each map compares with the gradient, and what the gradient foretells of the step that fools.
void compare_with_gradient(const Model& model, std::vector<Exhibit>& exhibits);

}  // namespace backlight::demo
