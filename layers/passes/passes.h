#pragma once

#include "layers/passes/folded_network.h"

namespace backlight {

/// Which passes to leave out.
struct PassOptions {
  bool fold = true;  // batch normalisation into the convolution before it, the image's scale into that after
  bool fuse = true;  // bias, residual join and ReLU into the layer before them
};

/// A network as the commands run it: all passes, one after the other.
FoldedNetwork apply_passes(const Graph& graph, const std::shared_ptr<const Parameters>& parameters,
                           const PassOptions& options = {});

}  // namespace backlight
