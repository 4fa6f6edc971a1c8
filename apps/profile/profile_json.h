#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "apps/profile/profile.h"

namespace backlight {

/// All of a profile; seconds, bytes, FLOP.
nlohmann::json to_json(const Profile& profile);

/// What `backlight profile --json` wrote. Throws Error naming the file where it is missing, is no JSON or is
/// no such profile.
Profile read_profile(const std::filesystem::path& path);

}  // namespace backlight
