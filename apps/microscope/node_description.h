#pragma once

#include <nlohmann/json.hpp>

#include "engine/graph.h"

namespace backlight {

/// What apps/microscope/page/network.js has to know of a node: its name and kind, the places of its inputs
/// among the values (the image is 0, the k-th node makes k + 1), the shape C,H,W of its output, and what its
/// kind has besides. Throws Error for a kind that the page does not know.
nlohmann::json describe_node(const Graph& graph, const Node& node);

/// "3x64x64" as [3, 64, 64]: of one image.
nlohmann::json shape_json(const Shape& shape);

}  // namespace backlight
