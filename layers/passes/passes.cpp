#include "layers/passes/passes.h"

#include "layers/passes/fold_batchnorm.h"
#include "layers/passes/fold_input_scale.h"
#include "layers/passes/fuse_endings.h"

namespace backlight {

FoldedNetwork apply_passes(const Graph& graph, const std::shared_ptr<const Parameters>& parameters,
                           const PassOptions& options) {
  FoldedNetwork network{graph, parameters};
  for (const auto pass : {fold_batchnorm, fold_input_scale}) {
    if (!options.fold) break;
    const int folded = network.folded;
    network = pass(network.graph, network.parameters);
    network.folded += folded;
  }
  if (options.fuse) network.graph = fuse_endings(network.graph);
  return network;
}

}  // namespace backlight
