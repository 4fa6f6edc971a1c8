#pragma once

// Private to weights/verification/.
#include "weights/verification/verification.h"

namespace backlight {

/// From the distances of all rows: the verdict on each, and whom to blame for a bug. `graph` is the one that
/// was run, with its objective.
void judge(Verification& verification, const Graph& graph);

}  // namespace backlight
