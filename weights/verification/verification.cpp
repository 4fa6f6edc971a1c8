#include "weights/verification/verification.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/error.h"
#include "layers/network.h"
#include "weights/verification/judgement.h"
#include "weights/verification/reduced_precision.h"
#include "weights/verification/verifier.h"

namespace backlight {

Verification verify(const ReferenceDump& dump, const Graph& network,
                    std::shared_ptr<const Parameters> parameters, const SessionOptions& options,
                    std::optional<double> tolerance) {
  Verifier verifier(dump, network, parameters, options);
  Verification result = verifier.run();
  if (tolerance) result.local_bar = result.end_bar = *tolerance;
  explain_by_rounding(result, dump, verifier.dumped_run(), network, *parameters);
  judge(result, verifier.dumped_run().graph());
  return result;
}

Graph network_of(const ReferenceDump& dump, const ModelInfo& info) {
  if (dump.architecture() != info.architecture)
    throw Error("the dump is of " + dump.architecture() + ", the weights are of " + info.architecture);
  const Shape& input = dump.input_shape();
  if (input.height() != input.width())
    throw Error("the dump's input is " + to_string(input) + ": only square inputs are supported");
  return network_of(info, input.batch(), input.height());
}

Graph network_of(const ModelInfo& info, std::int64_t batch, std::int64_t input_size) {
  return build_network(info.architecture, {.batch = batch,
                                           .input_size = input_size,
                                           .classes = static_cast<std::int64_t>(info.classes.size()),
                                           .normalization = std::nullopt});
}

VerifiedValue* find_row(Verification& verification, std::string_view name) {
  const auto found = std::ranges::find_if(verification.values, [&](const VerifiedValue& value) {
    return !value.is_parameter() && value.name == name;
  });
  return found == verification.values.end() ? nullptr : &*found;
}

std::string Compared::shortfall() const {
  const std::string all = std::to_string(nodes);
  if (values + gradients == 0)
    return "no node was compared: the dump holds none of the network's " + all +
           (input_gradient ? "" : ", nor the gradient of the input");
  if (gradients == 0 && !input_gradient && values == nodes)
    return "gradients were not compared: the dump holds none";
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  if (values < nodes) add("values of " + std::to_string(nodes - values) + " of " + all + " nodes");
  if (gradients < nodes) add("gradients of " + std::to_string(nodes - gradients) + " of " + all + " nodes");
  if (!input_gradient) add("the gradient of the input");
  return text.empty() ? "" : "not compared, as the dump does not hold them: " + text;
}

std::string ReducedPrecision::description() const {
  std::string who;
  for (const std::string& kind : kinds)
    who += (who.empty() ? "" : " and ") + std::string(kind == "conv" ? "convolutions" : "linear layers");
  const char* known = std::abs(bits - 11) < 0.5  ? " of TF32 and float16"
                      : std::abs(bits - 8) < 0.5 ? " of bfloat16"
                                                 : "";
  char text[128];
  std::snprintf(text, sizeof text, " were rounded to the %.0f bits of significand%s, by up to 2^-%.0f = %.0e",
                bits, known, bits, std::exp2(-std::round(bits)));
  return (stored ? "the dump's values" : "the factors of the dump's " + who) + text;
}

Distances Verification::worst() const {
  Distances worst;
  for (const VerifiedValue& value : values)
    for (const Distances* d : {&value.forward, &value.backward})
      for (const auto slot : {&Distances::local, &Distances::end_to_end, &Distances::held})
        if (const Distance& distance = d->*slot) worst.*slot = std::max((worst.*slot).value_or(0), *distance);
  return worst;
}

}  // namespace backlight
