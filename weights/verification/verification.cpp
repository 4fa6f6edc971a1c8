#include "weights/verification/verification.h"

#include "engine/error.h"
#include "layers/network.h"
#include "weights/verification/judgement.h"
#include "weights/verification/verifier.h"

namespace backlight {

Verification verify(const ReferenceDump& dump, const Graph& network,
                    std::shared_ptr<const Parameters> parameters, const SessionOptions& options) {
  Verifier verifier(dump, network, std::move(parameters), options);
  Verification result = verifier.run();
  judge(result, verifier.graph());
  return result;
}

Graph network_of(const ReferenceDump& dump, const ModelInfo& info) {
  if (dump.architecture() != info.architecture)
    throw Error("the dump is of " + dump.architecture() + ", the weights are of " + info.architecture);
  if (dump.class_count() != static_cast<std::int64_t>(info.classes.size()))
    throw Error("the dump has " + std::to_string(dump.class_count()) + " classes, the weights have " +
                std::to_string(info.classes.size()));
  const Shape& input = dump.input_shape();
  if (input.height() != input.width())
    throw Error("the dump's input is " + to_string(input) + ": only square inputs are supported");
  return build_network(info.architecture, {.batch = input.batch(),
                                           .input_size = input.height(),
                                           .classes = dump.class_count(),
                                           .normalization = std::nullopt});
}

}  // namespace backlight
