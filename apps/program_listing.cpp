#include "apps/program_listing.h"

#include <nlohmann/json.hpp>

#include "apps/formatted.h"
#include "apps/memory_listing.h"

namespace backlight {
namespace {

std::string line(const Session& session, const Call& call) {
  // Shapes of the first tensor read and the first written: what else there is, is the layer's own.
  const auto shape = [](const std::vector<Operand>& operands) {
    for (const Operand& operand : operands)
      if (operand.tensor.shape.rank() > 0) return to_string(operand.tensor.shape);
    return std::string();
  };
  std::string text = formatted(
      "%-26s %-34s %-18s %-18s %8.3f %8.3f", shortened(session.graph().node(call.node).name, 26).c_str(),
      shortened(call.contract + " (" + call.kernel + ")", 34).c_str(), shape(call.reads).c_str(),
      shape(call.writes).c_str(), call.flop / 1e9, call.bytes / 1e6);
  return text + (call.adds ? " +\n" : "\n");
}

nlohmann::json operands_json(const std::vector<Operand>& operands) {
  nlohmann::json all = nlohmann::json::array();
  for (const Operand& operand : operands)
    all.push_back(
        {{"name", operand.name}, {"shape", operand.tensor.shape.extents()}, {"bytes", operand.bytes}});
  return all;
}

nlohmann::json calls_json(const Session& session, const std::vector<Call>& calls) {
  nlohmann::json all = nlohmann::json::array();
  for (const Call& call : calls)
    all.push_back({{"node", session.graph().node(call.node).name},
                   {"contract", call.contract},
                   {"kernel", call.kernel},
                   {"declined", call.declined},
                   {"reads", operands_json(call.reads)},
                   {"writes", operands_json(call.writes)},
                   {"adds", call.adds},
                   {"scratch", call.scratch},
                   {"prepared", call.prepared},
                   {"flop", call.flop},
                   {"bytes", call.bytes}});
  return all;
}

}  // namespace

std::string program_text(const Session& session) {
  const Program& program = session.program();
  std::string text;
  const auto list = [&](const char* title, const std::vector<Call>& calls) {
    text += formatted("%-26s %-34s %-18s %-18s %8s %8s\n", title, "operation (kernel)", "reads", "writes",
                      "GFLOP", "MB");
    for (const Call& call : calls) text += line(session, call);
    text += "\n";
  };
  list("forward", program.forward);
  list("backward (+: adds)", program.backward);
  text += formatted("%zu calls; ", program.forward.size() + program.backward.size()) + memory_text(session);
  return text;
}

nlohmann::json program_json(const Session& session) {
  return {{"forward", calls_json(session, session.program().forward)},
          {"backward", calls_json(session, session.program().backward)},
          {"memory", memory_json(session)}};
}

}  // namespace backlight
