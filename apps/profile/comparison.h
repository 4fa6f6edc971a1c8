#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/profile/profile.h"

namespace backlight {

/// A call of two profiles.
struct ComparedCall {
  std::string node, contract, old_kernel, kernel;
  Spread before, now;
  /// Beyond the spread: the quartiles of the two do not meet.
  bool faster() const { return now.high < before.low; }
  bool slower() const { return now.low > before.high; }
};

struct Comparison {
  std::vector<ComparedCall> calls;        // that both have, in the order of the program
  std::vector<ProfiledCall> gone, added;  // that only one has
  Spread before, now;                     // whole runs
};

/// Holds a profile against an older one of the same work: calls of one node and contract are the same, the
/// first of them the first. Throws Error, which names both, where the network, its input, the work, the
/// processor or the device are others: `older` is what its file is called.
Comparison compare(const Profile& now, const Profile& before, const std::string& older);

/// What became faster or slower, for people, within 120 columns.
std::string comparison_text(const Comparison& comparison, const std::string& older);
nlohmann::json to_json(const Comparison& comparison);

}  // namespace backlight
