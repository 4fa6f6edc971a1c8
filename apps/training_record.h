#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace backlight {

/// What a weight file's record of its training (ModelInfo::training) says, as lines for people. A file may
/// come from anybody: what is missing, or of another type than `backlight train` writes, is left out.
std::string describe_training(const nlohmann::json& record);

}  // namespace backlight
