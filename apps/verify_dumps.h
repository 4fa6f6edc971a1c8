#pragma once

#include <optional>
#include <string>

namespace backlight {

/// `backlight verify` of two reference dumps: prints a row per node, or JSON. Whether they agree.
bool verify_dumps(const std::string& first, const std::string& second, std::optional<double> tolerance,
                  bool json);

}  // namespace backlight
