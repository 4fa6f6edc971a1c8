#include "weights/verification/dumped_run.h"

#include "engine/error.h"
#include "layers/softmax.h"

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
  ValueId target = network.output();
  const bool of_loss = dump.objective() == Objective::cross_entropy;
  if (of_loss)
    target = graph.add("cross_entropy", std::make_shared<CrossEntropy>(),
                       {network.output(), graph.input("target", {input.batch()})});
  auto back =
      differentiate(graph, target, {graph.at("input")}, dump.rule(),
                    !rewritten(network) && !dump.names(ReferenceDump::Part::parameter_gradients).empty());
  session_ =
      std::make_unique<Session>(std::move(graph), std::move(parameters), std::move(back), std::move(options));
  theirs_ = std::make_unique<DumpedValues>(dump, session_->graph(), network.output());

  const std::vector<std::int64_t> classes = dump.target(logits.channels());
  labels_.assign(classes.begin(), classes.end());
  seed_.assign(of_loss ? labels_.size() : static_cast<std::size_t>(logits.elements()), of_loss ? 1 : 0);
  for (std::size_t n = 0; !of_loss && n < classes.size(); ++n)
    seed_[n * static_cast<std::size_t>(logits.channels()) + static_cast<std::size_t>(classes[n])] = 1;
}

void DumpedRun::set_inputs() {
  session_->set("input", std::span<const double>(dump_.input().value));
  if (dump_.objective() == Objective::cross_entropy)
    session_->set("target", std::span<const double>(labels_));
}

}  // namespace backlight
