#include <cstdio>

#include "apps/commands.h"
#include "apps/image/photo.h"
#include "apps/json_text.h"
#include "apps/microscope/page.h"
#include "apps/options.h"
#include "engine/error.h"
#include "engine/whole_file.h"
#include "weights/text.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::string image, target, out = "microscope.html";
};

void run(const Options& options) {
  expect_extension("--out", options.out, {".html"});
  expect_writable(options.out);
  const RunOptions run = options.common.run();
  const WeightFile weights = weights_or_shipped(options.common.weights);
  const Model model(weights, run);
  const int target = options.target.empty() ? -1 : chosen_class(model, "--class", options.target);
  const std::vector<float> image = to_chw(load_photo(options.image, model.frame()).cropped());
  const std::string name = printable(std::filesystem::path(options.image).filename().string());
  const MicroscopePage page = microscope_page({weights, model, run, name, image, target});
  write_whole_file(options.out, page.html);
  if (options.common.json)
    print_json({{"path", options.image},
                {"class", {{"index", page.target}, {"name", model.class_name(page.target)}}},
                {"computed", page.is_computed},
                {"bytes", page.html.size()},
                {"out", options.out}});
  else
    std::printf("%s: %s -> %s, %.1f MB, %s: open it in a browser\n", printable(options.image).c_str(),
                model.class_name(page.target).c_str(), printable(options.out).c_str(),
                static_cast<double>(page.html.size()) / 1e6,
                page.is_computed ? "with the network in it, which computes there"
                                 : "with what was computed here, as far as it fits");
}

}  // namespace

void add_microscope(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("microscope", "A page to walk through a network, there and back, number by number");
  command->footer(
      "One HTML file that needs nothing else and opens in any browser of today. A slider walks from the "
      "image "
      "to the score; at\n"
      "every node the values and the gradient stand side by side, by any of the three rules of a ReLU. A "
      "click "
      "on a pixel spells\n"
      "out the arithmetic behind its number, and a finite difference says whether it is true. A small "
      "network "
      "is in the page and\n"
      "computed there; of a large one it holds the numbers that fit.\n\n"
      "Example: backlight microscope bear.png --out bear.html\n"
      "         backlight microscope cat.jpg --weights resnet50.h5 --class tabby --out cat.html");
  command->add_option("image", options->image, "PNG, JPEG or BMP file")->required()->type_name("IMAGE");
  command->add_option("--class,-c", options->target, "class, by name or index; default: the best")
      ->type_name("NAME|INDEX");
  command->add_option("--out,-o", options->out, "FILE.html")->capture_default_str();
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
