#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/attribution.h"
#include "apps/commands.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/npy.h"
#include "apps/options.h"
#include "weights/tensor_file.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> images;
  std::string target, rule = "gradient", out, format = "png";
};

void write(const std::filesystem::path& path, const Model& model, const std::string& image,
           const std::string& rule, const Attribution& a) {
  const std::int64_t size = model.input_size();
  const std::string extension = path.extension().string();
  if (extension == ".npy")
    write_npy(path, {3, size, size}, a.gradient.data());
  else if (extension == ".h5")
    write_tensor_h5(path, "gradient", Shape{3, size, size}, a.gradient,
                    {{"image", image},
                     {"architecture", model.info().architecture},
                     {"class", model.class_name(a.target)},
                     {"rule", rule},
                     {"objective", "logit"},
                     {"units", "logit per grey level of 255"}});
  else
    write_png(path, enlarge_to(signed_picture(a.gradient, model.input_size(), model.input_size()), 224));
}

void run(const Options& options) {
  const ReluRule rule = relu_rule_from_name(options.rule);
  const Model model = options.common.model();
  const int target = options.target.empty() ? -1 : model.class_index(options.target);
  const Inputs inputs = load_inputs(model, options.images);
  const std::string extension = "." + options.format,
                    out = options.out.empty() ? "gradient" + extension : options.out;
  const std::vector<std::filesystem::path> paths =
      output_paths(options.images, out, extension, "--out", {".h5", ".npy", ".png"});

  nlohmann::json results = nlohmann::json::array();
  if (!options.common.json) std::printf("%s\n", model.describe(rule).c_str());
  for_each_attribution(model, inputs, rule, target, [&](const Attribution& a) {
    double squares = 0;
    for (const float g : a.gradient) squares += static_cast<double>(g) * g;
    const std::string& image = options.images[a.index];
    write(paths[a.index], model, image, options.rule, a);
    results.push_back({{"path", image},
                       {"class", {{"index", a.target}, {"name", model.class_name(a.target)}}},
                       {"logit", a.logit},
                       {"probability", a.probability},
                       {"norm", std::sqrt(squares)},
                       {"out", paths[a.index].string()}});
    if (!options.common.json)
      std::printf("%s: %s, gradient norm %.4g per grey level -> %s\n", image.c_str(),
                  describe_target(model, a).c_str(), std::sqrt(squares), paths[a.index].c_str());
  });
  if (options.common.json)
    std::cout << nlohmann::json{{"rule", options.rule}, {"images", std::move(results)}}.dump(2) << '\n';
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
  command->add_option("images", options->images, "PNG, JPEG or BMP files")->required()->type_name("IMAGE");
  add_class_option(*command, options->target);
  add_rule_option(*command, options->rule);
  command->add_option("--out,-o", options->out, "FILE.h5, .npy or .png; for several pictures, a folder")
      ->type_name("FILE")
      ->default_str("gradient.png");
  command->add_option("--format", options->format, "of files that --out does not name: h5, npy or png")
      ->check(CLI::IsMember({"h5", "npy", "png"}))
      ->capture_default_str();
  add_common_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
