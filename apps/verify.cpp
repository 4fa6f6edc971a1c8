#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "apps/verify_dumps.h"
#include "apps/verify_training.h"
#include "engine/error.h"
#include "weights/verification/training_dump.h"
#include "weights/verification/verification.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::string dump, other, precision;
  std::optional<double> tolerance;
  bool as_run = false;
};

std::string number(Distance distance) {
  char text[16];
  if (!distance) return "-";
  std::snprintf(text, sizeof text, "%.1e", *distance);
  return text;
}

nlohmann::json to_json(const Distances& d) {
  const auto value = [](Distance x) { return x ? nlohmann::json(*x) : nlohmann::json(nullptr); };
  return {{"local", value(d.local)}, {"end_to_end", value(d.end_to_end)}, {"held", value(d.held)}};
}

nlohmann::json to_json(const std::optional<ReducedPrecision>& reduced) {
  if (!reduced) return nullptr;
  return {{"bits", reduced->bits},
          {"rounding", std::exp2(-reduced->bits)},
          {"stored", reduced->stored},
          {"kinds", reduced->kinds}};
}

nlohmann::json to_json(const Compared& compared) {
  return {{"nodes", compared.nodes},
          {"values", compared.values},
          {"gradients", compared.gradients},
          {"input_gradient", compared.input_gradient},
          {"shortfall", compared.shortfall()}};
}

std::string conclusion(const Verification& v) {
  const VerifiedValue* first = v.first_divergent();
  if (!first) return v.compared.shortfall().empty() ? "pass: every node agrees" : "pass: all of it agrees";
  if (v.hidden_kinks)
    return "pass: what is off, '" + first->name +
           "' the first, is off by no more than signs and winners that the dump does not hold and rounding "
           "changes (kinks)";
  if (v.verdict() == Verdict::kink)
    return "pass: " + std::to_string(v.kinks) + " of " + std::to_string(v.decisions) +
           " signs and winners differ (kinks), first felt at '" + first->name +
           "'; with them held every node agrees";
  if (v.verdict() == Verdict::reduced_precision)
    return "reduced precision: " + v.reduced->description() + "; no node is off by more";
  return "differs: the first that is wrong is the " + first->blame + ", seen at '" + first->name + "'" +
         (v.reduced ? "; besides, " + v.reduced->description() : "");
}

std::string verdict_text(const VerifiedValue& row) {
  const std::string verdict(to_string(row.verdict));
  if (row.fused_into.empty()) return verdict;
  const std::string fused = "fused into " + row.fused_into;
  return row.backward.end_to_end ? verdict + ", value " + fused : fused;
}

void print_table(const ReferenceDump& dump, const Verification& v) {
  std::printf("%s by %s, rule %s, input %s\n", dump.architecture().c_str(), dump.producer().c_str(),
              std::string(to_string(dump.rule())).c_str(), to_string(dump.input_shape()).c_str());
  std::printf("relative distance to the dump; bars: local %.2g, end to end %.2g%s\n\n", v.local_bar,
              v.end_bar, v.end_bar > 1e-9 ? " with signs and winners held" : "");
  std::printf("%-26s %-13s %8s %8s  %8s %8s  %8s %8s  %6s  %s\n", "", "", "local", "local", "end", "end",
              "held", "held", "", "");
  std::printf("%-26s %-13s %8s %8s  %8s %8s  %8s %8s  %6s  %s\n", "node", "kind", "value", "gradient",
              "value", "gradient", "value", "gradient", "kinks", "verdict");
  for (const VerifiedValue& row : v.values)
    std::printf("%-26s %-13s %8s %8s  %8s %8s  %8s %8s  %6lld  %s%s%s\n", row.name.c_str(), row.kind.c_str(),
                number(row.forward.local).c_str(), number(row.backward.local).c_str(),
                number(row.forward.end_to_end).c_str(), number(row.backward.end_to_end).c_str(),
                number(row.forward.held).c_str(), number(row.backward.held).c_str(),
                static_cast<long long>(row.kinks), verdict_text(row).c_str(),
                row.blame.empty() ? "" : (": " + row.blame).c_str(), row.whole ? "" : " (sample)");
  for (const std::string& name : v.unknown)
    std::printf("%-26s not in this network under that name\n", name.c_str());
  if (v.fused > 0)
    std::printf(
        "\n%d values of the dump are fused into other nodes: gone are they and their gradients, but for "
        "that before a ReLU\n",
        v.fused);
  const std::string shortfall = v.compared.shortfall();
  if (!shortfall.empty()) std::printf("\n%s\n", shortfall.c_str());
  const Distances worst = v.worst();
  std::printf("\nworst: local %s, end to end %s, held %s\n%s\n", number(worst.local).c_str(),
              number(worst.end_to_end).c_str(), number(worst.held).c_str(), conclusion(v).c_str());
}

void print_report(const Verification& v) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const VerifiedValue& row : v.values)
    nodes.push_back(
        {{"name", row.name},
         {"kind", row.kind},
         {"whole", row.whole},
         {"forward", to_json(row.forward)},
         {"backward", to_json(row.backward)},
         {"kinks", row.kinks},
         {"fused_into", row.fused_into.empty() ? nlohmann::json(nullptr) : nlohmann::json(row.fused_into)},
         {"verdict", to_string(row.verdict)},
         {"blame", row.blame}});
  const VerifiedValue* first = v.first_divergent();
  print_json({{"verdict", to_string(v.verdict())},
              {"first_divergent", first ? nlohmann::json(first->name) : nlohmann::json(nullptr)},
              {"kinks", v.kinks},
              {"decisions", v.decisions},
              {"bars", {{"local", v.local_bar}, {"end_to_end", v.end_bar}}},
              {"worst", to_json(v.worst())},
              {"reduced_precision", to_json(v.reduced)},
              {"compared", to_json(v.compared)},
              {"unknown", v.unknown},
              {"fused", v.fused},
              {"nodes", std::move(nodes)}});
}

void run_training(const Options& options, const SessionOptions& session, int& status) {
  if (!options.common.weights.empty())
    throw UsageError("--weights: " + options.dump + " is a training dump, which says itself where it starts");
  if (options.as_run)
    throw UsageError("--as-run: " + options.dump +
                     " is a training dump, and training runs networks as they are written");
  if (options.tolerance)
    throw UsageError("--tolerance: " + options.dump + " is a training dump, whose bars are fixed");
  if (!options.precision.empty() && precision_from_name(options.precision) != Precision::float64)
    throw UsageError("--precision " + options.precision + ": training is verified in float64");
  if (!verify_training(options.dump, session, options.common.json)) status = ExitStatus::differs;
}

void run_two(const Options& options, int& status) {
  for (const auto& [option, given] : {std::pair{"--weights", !options.common.weights.empty()},
                                      {"--as-run", options.as_run},
                                      {"--precision", !options.precision.empty()}})
    if (given)
      throw UsageError(std::string(option) + ": two dumps are compared with each other, and no network runs");
  for (const std::string& path : {options.dump, options.other})
    if (is_training_dump(path))
      throw UsageError(path + " is a training dump: only reference dumps are compared with each other");
  if (!verify_dumps(options.dump, options.other, options.tolerance, options.common.json))
    status = ExitStatus::differs;
}

void run(const Options& options, int& status) {
  if (!options.other.empty()) return run_two(options, status);
  const RunOptions run = options.common.run();
  const SessionOptions session = run.session();
  if (is_training_dump(options.dump)) return run_training(options, session, status);
  const ReferenceDump dump(options.dump);
  const WeightFile weights = weights_or_shipped(options.common.weights);
  Graph network = network_of(dump, weights.info());
  const Precision precision =
      options.precision.empty() ? dump.precision() : precision_from_name(options.precision);
  auto parameters = std::make_shared<const Parameters>(weights.parameters(network, precision, run.device));
  if (options.as_run) {
    FoldedNetwork rewritten = apply_passes(network, parameters, run.passes);
    network = std::move(rewritten.graph);
    parameters = std::move(rewritten.parameters);
  }
  const Verification result = verify(dump, network, parameters, session, options.tolerance);
  if (options.common.json)
    print_report(result);
  else
    print_table(dump, result);
  if (result.verdict() >= Verdict::reduced_precision) status = ExitStatus::differs;
}

}  // namespace

void add_verify(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("verify", "Hold every value and gradient, or training, against a dump");
  command->footer(
      "Local: computed from the dump's own inputs, so that one wrong layer is named and no other is blamed. "
      "End: end to end.\n"
      "Held: end to end, with every ReLU sign and pooling winner as in the dump.\n"
      "Of a dump that holds only a part, that part is compared, and a line says what was not.\n"
      "Of two dumps: the first node that differs, end to end, and by how much.\n"
      "Of a training dump: the gradient of every parameter, and the losses of SGD and AdamW step by step.\n"
      "Exit status 0: pass, 3: differs, or is in reduced precision.\n\n"
      "Example: backlight verify resnet50_dump.h5 --weights resnet50.h5 --precision float64\n"
      "         backlight verify resnet50_dump.h5 --weights resnet50.h5 --as-run\n"
      "         backlight verify theirs.h5 ours.h5\n"
      "         backlight verify tests/fixtures/training.h5");
  command
      ->add_option("dump", options->dump,
                   "reference dump or training dump, version 1 (weights/dump_reference.py and "
                   "weights/dump_training.py write them)")
      ->required()
      ->type_name("DUMP.h5");
  command
      ->add_option(
          "other", options->other,
          "another reference dump: the two are compared with each other, end to end, without weights")
      ->type_name("OTHER.h5");
  command->add_option("--precision", options->precision, "float32 or float64; default: the dump's");
  command
      ->add_option("--tolerance", options->tolerance,
                   "a relative distance: the bar for all, in place of 1e-5 local and 1e-4 end to end\n"
                   "(1e-10 where dump and network are float64)")
      ->type_name("X")
      ->check(between(0, 1e6));
  CLI::Option* as_run =
      command->add_flag("--as-run", options->as_run,
                        "the network as the other commands run it, folded and fused: what still exists is "
                        "compared, what was fused is named");
  add_model_options(*command, options->common);
  for (const char* name : {"--no-fuse", "--no-fold"}) command->get_option(name)->needs(as_run);
  command->callback([options, &status] { run(*options, status); });
}

}  // namespace backlight
