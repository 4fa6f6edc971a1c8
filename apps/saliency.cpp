#include "apps/attribution_command.h"
#include "apps/commands.h"
#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/map_style.h"
#include "apps/npy.h"
#include "engine/error.h"

namespace backlight {
namespace {

struct Options : AttributionOptions {
  std::string style = "sheet", raw;
  MapStyle map;
};

// The six steps of Simonyan, Vedaldi & Zisserman 2013 (arXiv 1312.6034, §3): (1) the logit of a class and (2)
// its gradient at the pixels are for_each_attribution; (3) absolute value and (4) maximum over channels are
// saliency_map; then (5) normalise and (6) draw.
Image draw(const Image& photo, const DrawnMap& drawn, const Options& options, const std::string& caption) {
  const Image map = drawn.picture();
  if (options.style == "map") return enlarge_to(map, 224);
  std::vector<Image> row{enlarge_to(photo, 224), enlarge_to(map, 224)};
  const bool covers = map.width == photo.width && map.height == photo.height;  // else it is of an inner node
  if (covers && drawn.kind == MapKind::size) {
    const Image over = overlay(photo, normalise(drawn.numbers, drawn.scale));
    if (options.style == "overlay") return enlarge_to(over, 224);
    row.push_back(enlarge_to(over, 224));
  }
  return label(montage({row}), caption);
}

void run(const Options& options) {
  const AttributionCommand command(options);
  if (options.style == "overlay" && (options.map.is_signed || options.at != "image"))
    throw UsageError("--style overlay: only sizes (--absolute) at the pixels are laid over the photograph");
  OutputPaths raw_paths;
  if (!options.raw.empty()) raw_paths = output_paths(command.list(), options.raw, ".npy", "--raw");
  const OutputPaths paths = output_paths(command.list(), options.out, ".png");
  const MapDrawing drawing(options.map, command, MapKind::size);
  command.run(paths, raw_paths, [&](const Attribution& a, const AttributionCommand::Seen& seen) {
    const DrawnMap drawn = drawing.map(a);
    AttributionCommand::Finding finding{command.text(a), {{"scale", drawn.scale}}};
    write_png(paths[a.index], draw(seen.picture, drawn, options, finding.text));
    if (!raw_paths.empty()) {
      write_npy(raw_paths[a.index], {drawn.height, drawn.width}, drawn.numbers.data());
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
      "Example: backlight saliency cat_dog.png --weights resnet50.h5 --class 'bull mastiff' --out map.png\n"
      "         backlight saliency cat_dog.png --weights resnet50.h5 --at layer3 --rule guided --signed "
      "--scale 0.02");
  add_attribution_options(*command, *options, "MAP.png; for several pictures, a folder");
  command->add_option("--style", options->style, "sheet (photograph, map and overlay), map or overlay")
      ->check(CLI::IsMember({"sheet", "map", "overlay"}))
      ->capture_default_str();
  command->add_option("--raw", options->raw,
                      "also write the map's numbers: FILE.npy, or a folder for several pictures");
  add_question(*command, *options);
  add_map_style(*command, options->map);
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
