#pragma once

#include "layers/passes/folded_network.h"

namespace backlight {

/// A frozen batchnorm that follows a convolution is one: w'[o] = w[o]·s[o], b'[o] = b[o]·s[o] + t[o] with s =
/// γ/√(σ² + ε) and t = β − μ·s, computed in float64. The folded node keeps the convolution's name, its value
/// the batchnorm's; the value between the two is gone. Batchnorms in training mode, or after anything else,
/// stay. Weights are scaled when they are wanted, of what `parameters` has then.
FoldedNetwork fold_batchnorm(const Graph& graph, const std::shared_ptr<const Parameters>& parameters);

}  // namespace backlight
