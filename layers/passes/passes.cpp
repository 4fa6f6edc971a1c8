#include "layers/passes/passes.h"

#include "layers/passes/fuse_endings.h"

namespace backlight {

FoldedNetwork apply_passes(const Graph& graph, const std::shared_ptr<const Parameters>& parameters,
                           const PassOptions& options) {
  FoldedNetwork network = options.fold ? fold_batchnorm(graph, parameters) : FoldedNetwork{graph, parameters};
  if (options.fuse) network.graph = fuse_endings(network.graph);
  return network;
}

}  // namespace backlight
