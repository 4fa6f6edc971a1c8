#pragma once

#include <span>
#include <vector>

// Maps that know nothing of the network: what a method has to be better than. `image` is 3,side,side in grey
// levels; the map is side,side.

namespace backlight {

/// exp(−r²/2σ²), with r the distance from the middle and σ a quarter of the side.
std::vector<float> centre(std::span<const float> image, int side);

/// √(G_x² + G_y²) with Sobel's 3×3 operators on the grey picture (0.299 R + 0.587 G + 0.114 B, ITU-R BT.601);
/// the edge's pixels go on beyond it.
std::vector<float> edges(std::span<const float> image, int side);

}  // namespace backlight
