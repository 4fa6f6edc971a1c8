#pragma once

#include <nlohmann/json_fwd.hpp>

#include "apps/profile/profile.h"

namespace backlight {

/// Start-up and one run in the Chrome trace event format (Google, "Trace Event Format", complete events with
/// times in microseconds), which Perfetto and chrome://tracing open.
nlohmann::json trace_json(const Profile& profile);

}  // namespace backlight
