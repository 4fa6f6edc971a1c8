#include <cmath>
#include <cstdio>

#include "apps/attribution_command.h"
#include "apps/commands.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/formatted.h"
#include "apps/inspection/kernel_comparison.h"
#include "apps/map_style.h"
#include "apps/npy.h"
#include "engine/error.h"
#include "weights/tensor_file.h"
#include "weights/text.h"

namespace backlight {
namespace {

struct Options : AttributionOptions {
  std::string format = "png", against;
  MapStyle map;
};

/// The same network by other kernels.
std::optional<Model> other_model(const Options& options) {
  if (options.against.empty()) return {};
  if (options.objective != "logit" || options.at != "image")
    throw UsageError("--against " + options.against + ": only the logit's gradient at the image is compared");
  CommonOptions other = options.common;
  other.kernel = options.against;
  return other.model();
}

/// What two correct programs differ in: hardly anything, or a sign.
void compare(const Options& options, const Model& model, const Model& other, const Attribution& a,
             const Image& picture, AttributionCommand::Finding& finding) {
  const KernelComparison c =
      compare_kernels(model, other, relu_rule_from_name(options.rule), to_chw(picture), a.target);
  finding.text += formatted(
      "; with %s %.1e apart, %lld of %lld signs and %lld of %lld winners differ, with these held %.1e",
      options.against.c_str(), c.apart, static_cast<long long>(c.signs), static_cast<long long>(c.all_signs),
      static_cast<long long>(c.winners), static_cast<long long>(c.all_winners), c.held);
  finding.more["against"] = {{"kernel", options.against},
                             {"apart", c.apart},
                             {"held", c.held},
                             {"signs", {c.signs, c.all_signs}},
                             {"winners", {c.winners, c.all_winners}}};
}

void run(const Options& options) {
  const AttributionCommand command(options);
  const std::optional<Model> other = other_model(options);
  const std::string extension = "." + options.format,
                    out = options.out.empty() ? "gradient" + extension : options.out;
  if (out == standard_stream && extension == ".h5")
    throw UsageError("--out -: standard output is for --format png or npy");
  const OutputPaths paths = output_paths(command.list(), out, extension, "--out", {".h5", ".npy", ".png"});
  const MapDrawing drawing(options.map, command, MapKind::colour);
  const Model& model = command.model();
  const Shape& shape = command.shape();
  const std::vector<std::int64_t> extents{shape.channels(), shape.height(), shape.width()};
  const auto visit = [&](const Attribution& a,
                         const AttributionCommand::Seen& seen) -> AttributionCommand::Finding {
    const std::filesystem::path& path = paths[a.index];
    const std::string kind = path == standard_stream ? extension : path.extension().string();
    if (kind == ".npy")
      write_npy(path, extents, a.gradient.data());
    else if (kind == ".h5")
      write_tensor_h5(path, "gradient", Shape(extents), a.gradient,
                      {{"image", printable(command.list().paths[a.index])},
                       {"architecture", model.info().architecture},
                       {"class", model.class_name(a.target)},
                       {"rule", options.rule},
                       {"objective", options.objective},
                       {"at", options.at},
                       {"units", options.at == "image" ? "objective per grey level of 255"
                                                       : "objective per unit of the node's values"}});
    else
      write_png(path, enlarge_to(drawing.map(a).picture(), 224));
    double squares = 0;
    for (const float g : a.gradient) squares += static_cast<double>(g) * g;
    char norm[64];
    std::snprintf(norm, sizeof norm, ", gradient norm %.4g%s", std::sqrt(squares),
                  options.at == "image" ? " per grey level" : "");
    AttributionCommand::Finding finding{command.text(a) + norm, {{"norm", std::sqrt(squares)}}};
    if (other) compare(options, model, *other, a, seen.picture, finding);
    return finding;
  };
  command.run(paths, {}, visit);
}

}  // namespace

void add_gradient(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("gradient", "The gradient of a class score at the pixels");
  command->footer(
      "The gradient is that of the logit before softmax, per grey level (0 to 255) of the picture as the "
      "network sees it:\n"
      "3,height,width. A .png shows it in colour around mid grey, or as a map (--signed, --absolute); .npy "
      "and "
      ".h5 hold the numbers.\n"
      "With --at it is taken at the values of a node within the network instead, per unit of these.\n\n"
      "Example: backlight gradient cat.jpg --weights resnet50.h5 --class tabby --rule guided --out "
      "guided.png\n"
      "         backlight gradient cat.jpg --objective node:relu3:5 --at pool1 --out channel.npy");
  add_attribution_options(*command, *options, "FILE.h5, .npy or .png; for several pictures, a folder")
      ->type_name("FILE")
      ->default_str("gradient.png");
  command->add_option("--format", options->format, "of files that --out does not name: h5, npy or png")
      ->check(CLI::IsMember({"h5", "npy", "png"}))
      ->capture_default_str();
  command
      ->add_option(
          "--against", options->against,
          "also by these kernels (as --kernel names them): how far the two gradients are apart, and how "
          "many signs of\nReLUs and winners of max pools differ")
      ->type_name("NAME");
  add_question(*command, *options);
  add_map_style(*command, options->map);
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
