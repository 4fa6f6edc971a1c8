#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/inspection/node_report.h"

namespace backlight {

/// A row for each node, from image to score; read upwards it is the walk back.
std::string node_table(const std::vector<NodeReport>& reports);
/// All of one node, a line for each thing.
std::string node_text(const NodeReport& report);
nlohmann::json node_json(const NodeReport& report);

}  // namespace backlight
