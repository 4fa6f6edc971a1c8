#pragma once

#include "engine/graph.h"

namespace backlight {

/// Makes one node of a convolution or linear layer, the residual join and the ReLU after it, where nobody
/// else reads what lies between: the kernel that finishes a sum then also adds the residual, cuts it at 0 and
/// keeps its sign, and the gradient passes the ReLU where it is written. The node keeps the layer's name, its
/// value the last one's; values between are gone (Node::absorbed). The numbers are the same to the bit.
Graph fuse_endings(const Graph& graph);

}  // namespace backlight
