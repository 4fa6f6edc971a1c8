#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "apps/image/image.h"
#include "apps/inspection/walk.h"
#include "weights/tensor_file.h"

namespace backlight {

/// The channels of a node's values and below them of its gradient, in tiles: each of the two on one scale
/// from blue for negative over white to red for positive, its channels in order. Of more than 64 the 64 with
/// the largest values are drawn; a label says which.
Image node_tiles(const Walk& walk, const Node& node);

/// HDF5: for each node `values/NODE`, where a gradient gets there `gradients/NODE`, both C,H,W in float32,
/// and of a ReLU `masks/NODE`, a byte for each unit: 1 where its input is above 0.
void write_nodes(const std::filesystem::path& path, const Walk& walk, const std::vector<const Node*>& nodes,
                 const std::map<std::string, Attribute>& attributes);

}  // namespace backlight
