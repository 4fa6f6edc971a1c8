#pragma once

#include "apps/image/image.h"
#include "apps/profile/profile.h"

namespace backlight {

/// The roofline (Williams, Waterman & Patterson 2009): a circle per call, operations per second over
/// operations per byte on logarithmic axes, its area the call's share of the time and its number that of the
/// table; the measured ceilings as roofs; and below it a run as a bar of time. 1280 x 960.
Image roofline_picture(const Profile& profile);

}  // namespace backlight
