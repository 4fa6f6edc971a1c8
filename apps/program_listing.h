#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/session.h"

namespace backlight {

/// What a session will do, a line per call, within 120 columns: node, contract and kernel, what it reads and
/// writes, GFLOP, megabytes that must move, and the kernels that declined. Then its memory.
std::string program_text(const Session& session);
/// The same with every shape and number.
nlohmann::json program_json(const Session& session);

}  // namespace backlight
