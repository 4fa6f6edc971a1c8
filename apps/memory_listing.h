#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/session.h"

namespace backlight {

/// What a session holds once it has run, in megabytes, a line for each kind of memory, and together.
std::string memory_text(const Session& session);
/// The same in bytes.
nlohmann::json memory_json(const Session& session);

}  // namespace backlight
