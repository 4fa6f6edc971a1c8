#include <cmath>
#include <cstdio>

#include "apps/attribution_command.h"
#include "apps/commands.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/npy.h"
#include "engine/error.h"
#include "weights/tensor_file.h"
#include "weights/text.h"

namespace backlight {
namespace {

struct Options : AttributionOptions {
  std::string format = "png";
};

void write(const std::filesystem::path& path, const std::string& extension, const Model& model,
           const std::string& image, const std::string& rule, const Attribution& a) {
  const std::int64_t size = model.input_size();
  if (extension == ".npy")
    write_npy(path, {3, size, size}, a.gradient.data());
  else if (extension == ".h5")
    write_tensor_h5(path, "gradient", Shape{3, size, size}, a.gradient,
                    {{"image", printable(image)},
                     {"architecture", model.info().architecture},
                     {"class", model.class_name(a.target)},
                     {"rule", rule},
                     {"objective", "logit"},
                     {"units", "logit per grey level of 255"}});
  else
    write_png(path, enlarge_to(signed_picture(a.gradient, model.input_size(), model.input_size()), 224));
}

void run(const Options& options) {
  const AttributionCommand command(options);
  const std::string extension = "." + options.format,
                    out = options.out.empty() ? "gradient" + extension : options.out;
  if (out == standard_stream && extension == ".h5")
    throw UsageError("--out -: standard output is for --format png or npy");
  const OutputPaths paths = output_paths(command.list(), out, extension, "--out", {".h5", ".npy", ".png"});
  const auto visit = [&](const Attribution& a,
                         const AttributionCommand::Seen&) -> AttributionCommand::Finding {
    double squares = 0;
    for (const float g : a.gradient) squares += static_cast<double>(g) * g;
    const std::filesystem::path& path = paths[a.index];
    write(path, path == standard_stream ? extension : path.extension().string(), command.model(),
          command.list().paths[a.index], options.rule, a);
    char norm[64];
    std::snprintf(norm, sizeof norm, ", gradient norm %.4g per grey level", std::sqrt(squares));
    return {describe_target(command.model(), a) + norm, {{"norm", std::sqrt(squares)}}};
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
      "3,height,width. A .png shows it around mid grey; .npy and .h5 hold the numbers.\n\n"
      "Example: backlight gradient cat.jpg --weights resnet50.h5 --class tabby --rule guided --out "
      "guided.png");
  add_attribution_options(*command, *options, "FILE.h5, .npy or .png; for several pictures, a folder")
      ->type_name("FILE")
      ->default_str("gradient.png");
  command->add_option("--format", options->format, "of files that --out does not name: h5, npy or png")
      ->check(CLI::IsMember({"h5", "npy", "png"}))
      ->capture_default_str();
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
