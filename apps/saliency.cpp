#include "apps/attribution_command.h"
#include "apps/commands.h"
#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/npy.h"

namespace backlight {
namespace {

struct Options : AttributionOptions {
  std::string style = "sheet", raw;
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
  const AttributionCommand command(options);
  const std::int64_t size = command.model().input_size();
  OutputPaths raw_paths;
  if (!options.raw.empty()) raw_paths = output_paths(command.list(), options.raw, ".npy", "--raw");
  const OutputPaths paths = output_paths(command.list(), options.out, ".png");
  command.run(paths, raw_paths, [&](const Attribution& a, const AttributionCommand::Seen& seen) {
    const std::vector<float> map = saliency_map(a.gradient);
    AttributionCommand::Finding finding{describe_target(command.model(), a)};
    write_png(paths[a.index], draw(seen.picture, map, options, finding.text));
    if (!raw_paths.empty()) {
      write_npy(raw_paths[a.index], {size, size}, map.data());
      finding.more["raw"] = raw_paths[a.index].string();
    }
    return finding;
  });
}

}  // namespace

void add_saliency(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->out = "saliency.png";
  CLI::App* command = app.add_subcommand("saliency", "Which pixels a class score depends on, as a heat map");
  command->footer(
      "Simonyan et al. 2013, arXiv 1312.6034, section 3: the largest absolute gradient of the logit over a "
      "pixel's channels.\n"
      "The picture shows what the network saw, the map, and the map over the photograph.\n\n"
      "Example: backlight saliency cat_dog.png --weights resnet50.h5 --class 'bull mastiff' --out map.png");
  add_attribution_options(*command, *options, "MAP.png; for several pictures, a folder");
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
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
