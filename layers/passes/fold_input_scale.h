#pragma once

#include "layers/passes/folded_network.h"

namespace backlight {

/// Of (x/255 − mean)/std before a convolution, the convolution takes the scale: w'[o,c] =
/// w[o,c]/(255·std[c]), and the node keeps x − 255·mean. The mean stays outside, for the image is padded with
/// zeros after it. The gradient at the image is then the convolution's own. The node keeps its name; its
/// value, which is another now, is called "….unscaled". Weights are scaled when they are wanted, of what
/// `parameters` has then.
FoldedNetwork fold_input_scale(const Graph& graph, const std::shared_ptr<const Parameters>& parameters);

}  // namespace backlight
