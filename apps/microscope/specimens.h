#pragma once

#include <map>
#include <string>

#include "apps/microscope/record.h"

namespace backlight {

/// Single numbers of a walk that a page holds because it spells out how they hang together: by what they are
/// ("value 3": of value 3, "guided 3": of its gradient by that rule, "weight 2", "factor 2": of node 2), the
/// elements by their index.
using KnownNumbers = std::map<std::string, std::map<std::uint32_t, float>>;

/// For each value, the place where its gradient is strongest, spelled out: the number, its
/// gradients by the three rules, everything that its node read to make it with the weights, and everything of
/// the next nodes that reads it, with the weights. As apps/microscope/page/explain.js asks for them.
KnownNumbers spell_out(const WalkRecord& record, const Parameters& parameters);

}  // namespace backlight
