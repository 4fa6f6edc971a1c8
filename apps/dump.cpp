#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "engine/error.h"
#include "weights/text.h"
#include "weights/verification/dump_writer.h"
#include "weights/verification/verification.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::string image, target, rule = "gradient", objective = "logit", precision = "float32", out = "dump.h5";
};

/// A picture as the first node of a network would make it: (pixel / 255 − mean) / std of each channel.
std::vector<double> normalised(const Image& picture, const ModelInfo& info) {
  const std::vector<float> levels = to_chw(picture);
  std::vector<double> input(levels.begin(), levels.end());
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::size_t channel = i / (input.size() / 3);
    input[i] = (input[i] / 255 - info.mean[channel]) / info.std[channel];
  }
  return input;
}

void run(const Options& options) {
  const RunOptions run = options.common.run();
  const Precision precision = precision_from_name(options.precision);
  DumpRequest request{.producer = "backlight " BACKLIGHT_VERSION,
                      .architecture = {},
                      .rule = relu_rule_from_name(options.rule),
                      .objective = objective_from_name(options.objective),
                      .input = {}};
  const OutputPaths outputs = output_paths({{options.image}}, options.out, ".h5");
  if (options.out == standard_stream) throw UsageError("--out -: a dump needs a file");
  const std::filesystem::path& out = outputs[0];
  const WeightFile weights = weights_or_shipped(options.common.weights);
  const Model model(weights, run);
  const Graph network = network_of(weights.info(), 1, weights.info().input_size);
  request.architecture = weights.info().architecture;
  if (!options.target.empty()) request.target = chosen_class(model, "--class", options.target);
  request.input = normalised(load_photo(options.image, model.frame()).cropped(), weights.info());
  outputs.make_folder();
  const std::int64_t target =
      write_reference_dump(
          out, request, network,
          std::make_shared<const Parameters>(weights.parameters(network, precision, run.device)),
          run.session())
          .front();
  const std::string& name = model.class_name(static_cast<int>(target));
  if (options.common.json)
    print_json({{"path", options.image},
                {"out", out.string()},
                {"class", {{"index", target}, {"name", name}}},
                {"nodes", network.nodes().size()},
                {"rule", options.rule},
                {"objective", options.objective},
                {"precision", options.precision}});
  else
    std::printf("%s: %zu nodes of %s, %s of %s, rule %s, %s -> %s\n", printable(options.image).c_str(),
                network.nodes().size(), request.architecture.c_str(), options.objective.c_str(), name.c_str(),
                options.rule.c_str(), options.precision.c_str(), printable(out.string()).c_str());
}

}  // namespace

void add_dump(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("dump", "Write every value and gradient as a reference dump for other engines");
  command->footer(
      "What verify reads, of Backlight itself: input, logits, and at every node the value and the gradient "
      "of "
      "the\n"
      "objective. Another engine can be held against it, and its dump against this one.\n\n"
      "Example: backlight dump cat.jpg --weights resnet50.h5 --precision float64 -o cat.h5\n"
      "         backlight verify theirs.h5 cat.h5");
  command->add_option("image", options->image, "PNG, JPEG or BMP file")->required()->type_name("IMAGE");
  command
      ->add_option("--class,-c", options->target,
                   "class, by name or index; default: the one with the highest logit")
      ->type_name("NAME|INDEX");
  command->add_option("--rule", options->rule, "what every ReLU sends back: gradient, guided or deconvnet")
      ->capture_default_str();
  command->add_option("--objective", options->objective, "logit or cross_entropy, of the class")
      ->capture_default_str();
  command->add_option("--precision", options->precision, "float32 or float64")->capture_default_str();
  command->add_option("--out,-o", options->out, "FILE.h5")->type_name("FILE")->capture_default_str();
  add_common_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
