#pragma once

#include <string>
#include <vector>

#include "apps/drawing/stroke.h"
#include "apps/profile/profile.h"

namespace backlight {

/// Calls that a picture paints alike.
struct Group {
  std::string name;
  Colour colour;
  bool operator==(const Group&) const = default;
};
Group group_of(const ProfiledCall& call);
/// Those that a profile has, by name.
std::vector<Group> groups(const Profile& profile);

/// A run from left to right in `box`: a field per call, as wide as it took, with its number where there is
/// room; forward and backward named above, stages below. It needs 24 units above and 30 below the box.
void draw_time_line(Image& image, const Profile& profile, const Box& box);

}  // namespace backlight
