#pragma once

// Private to weights/verification/.
#include "weights/verification/dumped_run.h"
#include "weights/verification/verification.h"

namespace backlight {

/// Where local distances are above the bar: finds out whether the dump was computed or stored in less
/// precision than its numbers have, and how much of each distance that explains. `run` is one of the network
/// with these parameters.
///
/// What rounding does to a node is measured, not estimated: the local run is repeated with every number that
/// is rounded moved by chance within half a step, and what that changes is what rounding to so many bits
/// changes, cancellation within the node included (the stochastic arithmetic of Vignes 1993). Values that are
/// stored rounded say themselves to how many bits. Where nodes round only what they multiply (TF32), the bits
/// follow from the distances: one bit less doubles all of them, and the right number explains most of them
/// at once; and where rounding to the nearest gives the dump's very numbers, that explains them too. A node
/// that is off by four times as much is explained by nothing.
void explain_by_rounding(Verification& verification, const ReferenceDump& dump, DumpedRun& run,
                         const Graph& network, const Parameters& parameters);

}  // namespace backlight
