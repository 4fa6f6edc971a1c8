#pragma once

#include <string>

#include "engine/session.h"

namespace backlight {

/// `backlight verify` of a training dump: prints a row per parameter and one per optimizer, or JSON. Whether
/// all are within their bars.
bool verify_training(const std::string& path, const SessionOptions& options, bool json);

}  // namespace backlight
