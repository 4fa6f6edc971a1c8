#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/json_text.h"
#include "apps/memory_listing.h"
#include "apps/options.h"
#include "apps/program_listing.h"
#include "apps/training_record.h"
#include "layers/passes/fold_batchnorm.h"
#include "weights/weight_file.h"

namespace backlight {
namespace {

struct Options {
  std::string weights;
  bool json = false, folded = false, program = false;
  std::int64_t batch = 1;
  std::string rule = "gradient";
  CommonOptions run;  // of the program and its memory
};

/// An image gradient as the other commands run it; nothing has been read or run yet.
std::unique_ptr<Session> session_of(const Options& options, const RunOptions& run) {
  const ReluRule rule = relu_rule_from_name(options.rule);
  return Model(weights_or_shipped(options.weights), run).session(options.batch, rule);
}

void print_program(const Session& session, bool as_json) {
  if (as_json)
    print_json(program_json(session));
  else
    std::fputs(program_text(session).c_str(), stdout);
}

std::int64_t parameter_count(const Graph& graph, const Node& node) {
  std::int64_t count = 0;
  for (const ParameterId id : node.parameters)
    if (graph.parameter(id).role == ParameterSpec::Role::trainable)
      count += graph.parameter(id).shape.elements();
  return count;
}

void run(const Options& options) {
  const std::unique_ptr<Session> session = session_of(options, options.run.run());
  if (options.program) return print_program(*session, options.json);
  const WeightFile file = weights_or_shipped(options.weights);
  const ModelInfo& info = file.info();
  Graph graph = file.network();
  const auto parameters = std::make_shared<const Parameters>(file.parameters(graph));
  // Reading it all is the check that the file is what it says.
  for (const std::string& name : parameters->names()) (void)parameters->values(name);
  if (options.folded) graph = fold_batchnorm(graph, parameters).graph;

  nlohmann::json layers = nlohmann::json::array();
  std::int64_t all_parameters = 0;
  double flop = 0;
  for (const Node& node : graph.nodes()) {
    const std::int64_t count = parameter_count(graph, node);
    const double node_flop = node.op->flop(graph.input_shapes(node));
    all_parameters += count;
    flop += node_flop;
    layers.push_back({{"name", node.name},
                      {"kind", node.op->kind()},
                      {"description", node.op->description()},
                      {"shape", graph.value(node.output).shape.extents()},
                      {"parameters", count},
                      {"flop", node_flop}});
  }
  nlohmann::json training = parse_json(info.training);
  if (!training.is_object()) training = nullptr;  // nobody said
  if (options.json) {
    print_json({{"architecture", info.architecture},
                {"classes", info.classes},
                {"input_size", info.input_size},
                {"resize", info.resize},
                {"mean", info.mean},
                {"std", info.std},
                {"source", info.source},
                {"source_sha256", info.source_sha256},
                {"license", info.license},
                {"producer", info.producer},
                {"training", training},
                {"parameters", all_parameters},
                {"flop", flop},
                {"memory", memory_json(*session)},
                {"layers", std::move(layers)}});
    return;
  }
  std::printf("%s, %zu classes, input 3x%lldx%lld, from %s\n", info.architecture.c_str(), info.classes.size(),
              static_cast<long long>(info.input_size), static_cast<long long>(info.input_size),
              info.source.empty() ? "an unnamed source" : info.source.c_str());
  if (!info.license.empty()) std::printf("licence: %s\n", info.license.c_str());
  std::fputs(describe_training(training).c_str(), stdout);
  std::printf("\n%-26s %-14s %-28s %-16s %11s %9s\n", "layer", "kind", "", "output", "parameters", "MFLOP");
  for (const auto& layer : layers) {
    const std::string shape = to_string(Shape(layer["shape"].get<std::vector<std::int64_t>>()));
    std::printf("%-26s %-14s %-28s %-16s %11lld %9.2f\n", layer["name"].get<std::string>().c_str(),
                layer["kind"].get<std::string>().c_str(), layer["description"].get<std::string>().c_str(),
                shape.c_str(), static_cast<long long>(layer["parameters"].get<std::int64_t>()),
                layer["flop"].get<double>() / 1e6);
  }
  std::printf("\n%lld parameters, %.3f GFLOP forward\n", static_cast<long long>(all_parameters), flop / 1e9);
  std::printf("image gradient: %s", memory_text(*session).c_str());
}

}  // namespace

void add_info(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("info", "What is in a weight file: layers, shapes, parameters, FLOP, memory plan");
  command->footer(
      "Example: backlight info resnet18.h5\n         backlight info resnet18.h5 --program --batch 8 "
      "--threads 2");
  command
      ->add_option("weights", options->weights,
                   "weights in Backlight's HDF5 format; default: Backlight's own network")
      ->type_name("W.h5");
  command->add_flag("--folded", options->folded,
                    "show the network with batch normalisation folded, as it runs");
  command->add_flag("--program", options->program,
                    "list every call of an image gradient, with its kernel and memory");
  command->add_option("--batch", options->batch, "images at a time")->check(between(1, 1 << 20));
  command->add_option("--rule", options->rule, "of the ReLUs: gradient, guided or deconvnet")
      ->capture_default_str();
  add_machine_options(*command, options->run);
  add_pass_options(*command, options->run);
  add_json_option(*command, options->json);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
