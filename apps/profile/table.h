#pragma once

#include <string>
#include <vector>

#include "apps/profile/profile.h"

namespace backlight {

enum class Order { program, time };

/// The places of the calls in the program, in this order.
std::vector<std::size_t> ordered(const Profile& profile, Order order);

/// A profile for people, within 120 columns: a row per call, sums per kind, stage and direction, start-up,
/// memory and ceilings, and how far the rows are from the whole.
std::string profile_text(const Profile& profile, Order order);

}  // namespace backlight
