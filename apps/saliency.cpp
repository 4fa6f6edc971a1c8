#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/attribution.h"
#include "apps/commands.h"
#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/npy.h"
#include "apps/options.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> images;
  std::string target, rule = "gradient", out = "saliency.png", style = "sheet", raw;
  double percentile = 99.5;
};

// The six steps of Simonyan, Vedaldi & Zisserman 2013 (arXiv 1312.6034, §3): (1) the logit of a class and (2)
// its gradient at the pixels are for_each_attribution; (3) absolute value and (4) maximum over channels are
// saliency_map; then (5) normalise and (6) draw.
Image draw(const Image& photo, const std::vector<float>& map, const Options& options,
           const std::string& caption) {
  const std::vector<float> values = normalise(map, options.percentile);
  const Image heat = heat_map(values, photo.width, photo.height), over = overlay(photo, values);
  if (options.style == "map") return enlarge_to(heat, 224);
  if (options.style == "overlay") return enlarge_to(over, 224);
  const Image row = montage({{enlarge_to(photo, 224), enlarge_to(heat, 224), enlarge_to(over, 224)}});
  return label(row, caption);
}

void run(const Options& options) {
  const ReluRule rule = relu_rule_from_name(options.rule);
  const Model model = options.common.model();
  const int target = options.target.empty() ? -1 : model.class_index(options.target);
  const Inputs inputs = load_inputs(model, options.images);
  std::vector<std::filesystem::path> raw_paths;
  if (!options.raw.empty()) raw_paths = output_paths(options.images, options.raw, ".npy", "--raw");
  const std::vector<std::filesystem::path> paths = output_paths(options.images, options.out, ".png");

  nlohmann::json results = nlohmann::json::array();
  if (!options.common.json) std::printf("%s\n", model.describe(rule).c_str());
  for_each_attribution(model, inputs, rule, target, [&](const Attribution& a) {
    const std::vector<float> map = saliency_map(a.gradient);
    const std::string& image = options.images[a.index];
    const std::string caption = describe_target(model, a);
    write_png(paths[a.index], draw(inputs.prepared[a.index], map, options, caption));
    if (!raw_paths.empty())
      write_npy(raw_paths[a.index], {model.input_size(), model.input_size()}, map.data());
    nlohmann::json result{{"path", image},
                          {"class", {{"index", a.target}, {"name", model.class_name(a.target)}}},
                          {"logit", a.logit},
                          {"probability", a.probability},
                          {"out", paths[a.index].string()}};
    if (!raw_paths.empty()) result["raw"] = raw_paths[a.index].string();
    results.push_back(std::move(result));
    if (!options.common.json)
      std::printf("%s: %s -> %s\n", image.c_str(), caption.c_str(), paths[a.index].c_str());
  });
  if (options.common.json)
    std::cout << nlohmann::json{{"rule", options.rule}, {"images", std::move(results)}}.dump(2) << '\n';
}

}  // namespace

void add_saliency(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("saliency", "Which pixels a class score depends on, as a heat map");
  command->footer(
      "Simonyan et al. 2013, arXiv 1312.6034, section 3: the largest absolute gradient of the logit over a "
      "pixel's channels.\n"
      "The picture shows what the network saw, the map, and the map over the photograph.\n\n"
      "Example: backlight saliency cat_dog.png --weights resnet50.h5 --class 'bull mastiff' --out map.png");
  command->add_option("images", options->images, "PNG, JPEG or BMP files")->required()->type_name("IMAGE");
  add_class_option(*command, options->target);
  add_rule_option(*command, options->rule);
  command->add_option("--out,-o", options->out, "MAP.png; for several pictures, a folder")
      ->capture_default_str();
  command->add_option("--style", options->style, "sheet (photograph, map and overlay), map or overlay")
      ->check(CLI::IsMember({"sheet", "map", "overlay"}))
      ->capture_default_str();
  command
      ->add_option("--percentile", options->percentile,
                   "the values above this percentile are drawn as the brightest")
      ->check(between(0.0, 100.0))
      ->capture_default_str();
  command->add_option("--raw", options->raw,
                      "also write the map's numbers: FILE.npy, or a folder for several pictures");
  add_common_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
