#include <cstdio>

#include "apps/attribution.h"
#include "apps/commands.h"
#include "apps/image/photo.h"
#include "apps/inspection/node_files.h"
#include "apps/inspection/node_text.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "engine/error.h"
#include "engine/whole_file.h"
#include "weights/text.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::string image, target, rule = "gradient", objective = "logit";
  std::vector<std::string> nodes;
  std::filesystem::path out;
};

std::vector<const Node*> chosen_nodes(const Graph& graph, const std::vector<std::string>& names) {
  std::vector<const Node*> nodes;
  for (const std::string& name : names) {
    const NodeId id = graph.value(named_value(graph, "--node", name)).producer;
    if (id < 0) throw UsageError("--node " + name + ": that is the picture itself, which no node makes");
    nodes.push_back(&graph.node(id));
  }
  if (names.empty())
    for (const Node& node : graph.nodes()) nodes.push_back(&node);
  return nodes;
}

void write(const Options& options, const Model& model, const Walk& walk,
           const std::vector<const Node*>& nodes) {
  if (options.out.extension() == ".png") return write_png(options.out, node_tiles(walk, *nodes[0]));
  write_nodes(options.out, walk, nodes,
              {{"image", printable(options.image)},
               {"architecture", model.info().architecture},
               {"class", model.class_name(walk.target())},
               {"rule", options.rule},
               {"objective", options.objective}});
}

void run(const Options& options) {
  CommonOptions common = options.common;
  common.no_fold = true;
  const ReluRule rule = relu_rule_from_name(options.rule);
  const ExplainedScore objective = score_from_text(options.objective);
  if (!options.out.empty()) {
    expect_extension("--out", options.out, {".h5", ".png"});
    if (options.out.extension() == ".png" && options.nodes.size() != 1)
      throw UsageError("--out " + options.out.string() + ": a picture is of one node: name it with --node");
    expect_writable(options.out);
  }
  const Model model = common.model();
  const int target = options.target.empty() ? -1 : chosen_class(model, "--class", options.target);
  Walk walk(model, rule, objective);
  const std::vector<const Node*> nodes = chosen_nodes(walk.graph(), options.nodes);
  const std::vector<float> elements = to_chw(load_photo(options.image, model.frame()).cropped());
  walk.run(elements, target);
  std::optional<Walk> plain;
  if (rule != ReluRule::gradient) {
    plain.emplace(model, ReluRule::gradient, objective);
    plain->run(elements, walk.target());
  }
  std::vector<NodeReport> reports;
  for (const Node* node : nodes) reports.push_back(node_report(walk, *node, plain ? &*plain : nullptr));
  if (!options.out.empty()) write(options, model, walk, nodes);

  const auto k = static_cast<std::size_t>(walk.target());
  const std::string what = describe(objective, model.class_name(walk.target()));
  if (options.common.json) {
    nlohmann::json all = nlohmann::json::array();
    for (const NodeReport& report : reports) all.push_back(node_json(report));
    print_json({{"path", options.image},
                {"class", {{"index", walk.target()}, {"name", model.class_name(walk.target())}}},
                {"logit", walk.logits()[k]},
                {"probability", softmax(walk.logits())[k]},
                {"rule", options.rule},
                {"objective", options.objective},
                {"objective_value", walk.objective()},
                {"nodes", std::move(all)}});
    return;
  }
  std::printf("%s: %s %.5g, rule %s\n\n", printable(options.image).c_str(), what.c_str(), walk.objective(),
              options.rule.c_str());
  if (options.nodes.empty()) std::fputs(node_table(reports).c_str(), stdout);
  for (std::size_t i = 0; i < options.nodes.size(); ++i) std::fputs(node_text(reports[i]).c_str(), stdout);
  if (!options.out.empty()) std::printf("-> %s\n", printable(options.out.string()).c_str());
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inspect", "What every node of a network made of a picture, there and back");
  command->footer(
      "Without --node, a row for each node: its values, the gradient that comes back to it, how many units "
      "of "
      "a ReLU are\n"
      "active, how many windows of a max pool have no winner. |gradient| is its norm; cosine, for guided and "
      "deconvnet, is that\n"
      "with the plain gradient. The network runs as its framework has it, without folding or fusing.\n"
      "--out FILE.h5 keeps the numbers (values/NODE, gradients/NODE, and masks/NODE of ReLUs), FILE.png "
      "draws "
      "the channels of one node.\n\n"
      "Example: backlight inspect cat.jpg --weights resnet18.h5 --rule guided\n"
      "         backlight inspect cat.jpg --weights resnet18.h5 --node layer2.0.relu1 --out relu1.png");
  command->add_option("image", options->image, "PNG, JPEG or BMP file")->required()->type_name("IMAGE");
  command->add_option("--node,-n", options->nodes, "only these nodes; backlight info lists them")
      ->type_name("NODE ...");
  command->add_option("--class,-c", options->target, "class, by name or index; default: the best")
      ->type_name("NAME|INDEX");
  command->add_option("--rule", options->rule, "what every ReLU sends back: gradient, guided or deconvnet")
      ->capture_default_str();
  command
      ->add_option("--objective", options->objective,
                   "of what: logit, softmax, cross_entropy or node:NODE[:CHANNEL[:Y,X]]")
      ->capture_default_str();
  command->add_option("--out,-o", options->out, "FILE.h5, or of one node FILE.png");
  add_common_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
