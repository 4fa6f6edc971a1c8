#include "weights/verification/dumped_run.h"

#include "engine/error.h"

namespace backlight {

DumpedRun::DumpedRun(const ReferenceDump& dump, const Graph& network,
                     std::shared_ptr<const Parameters> parameters, SessionOptions options)
    : dump_(dump) {
  const Shape &input = network.value(network.at("input")).shape,
              &logits = network.value(network.output()).shape;
  if (!(input == dump.input_shape()))
    throw Error("the dump's input is " + to_string(dump.input_shape()) + ", the network's " +
                to_string(input));
  options.keep_all = true;
  Graph graph = network;
  const ValueId target = add_objective(graph, dump.objective());
  auto back =
      differentiate(graph, target, {graph.at("input")}, dump.rule(),
                    !rewritten(network) && !dump.names(ReferenceDump::Part::parameter_gradients).empty());
  session_ =
      std::make_unique<Session>(std::move(graph), std::move(parameters), std::move(back), std::move(options));
  theirs_ = std::make_unique<DumpedValues>(dump, session_->graph(), network.output());

  const std::vector<std::int64_t> classes = dump.target(logits.channels());
  labels_.assign(classes.begin(), classes.end());
  seed_ = objective_seed(dump.objective(), logits.channels(), classes);
}

void DumpedRun::set_inputs() {
  session_->set("input", std::span<const double>(dump_.input().value));
  if (dump_.objective() == Objective::cross_entropy)
    session_->set("target", std::span<const double>(labels_));
}

}  // namespace backlight
