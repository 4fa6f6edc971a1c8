#include "engine/compile.h"

#include "engine/context.h"

namespace backlight {
namespace {

/// The call of its own with which the gradient of a node that ends in a ReLU passes it.
void gate_in_place(const BackwardContext& c, ReluRule rule) {
  const Shape shape = c.output_shape();
  c.run<ReluBackward>(ReluSizes{shape.batch() * shape.pixels(), shape.channels()}, rule, c.output_gradient(),
                      c.saved(), c.output_gradient(), Write::set);
}

}  // namespace

Compiled compile(const CompileInput& input) {
  Compiled compiled;
  for (const bool replay : {false, true}) {
    if (replay && !input.replay) continue;
    for (const Node& node : input.graph.nodes()) {
      ForwardContext context(input, compiled, node, replay);
      node.op->forward(context);
    }
  }
  if (!input.differentiation) return compiled;
  for (std::size_t step = 0; step < input.differentiation->steps.size(); ++step) {
    const Node& node = input.graph.node(input.differentiation->steps[step].node);
    BackwardContext context(input, compiled, node, step);
    if (input.plan.steps[step].gates_incoming) gate_in_place(context, input.differentiation->rule);
    node.op->backward(context);
  }
  return compiled;
}

}  // namespace backlight
