#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/commands.h"
#include "apps/fgsm/attacker.h"
#include "apps/fgsm/report.h"
#include "apps/inputs.h"
#include "apps/json_text.h"
#include "apps/options.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> images;
  std::string label, target, out = "adversarial.png";
  std::vector<double> epsilons = {8};
  bool search = false;
  double resolution = 1;
};

using Path = std::filesystem::path;

Path beside(const Path& path, const std::string& suffix) {
  return path.parent_path() / (path.stem().string() + suffix + path.extension().string());
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// Where everything goes: OUT; for several ε OUT-eps2, OUT-eps4 …; and the sheet OUT-sheet.
struct Outputs {
  std::vector<std::vector<Path>> pictures;  // by image, then by ε
  std::vector<Path> sheets;
};

/// Throws UsageError where an output would take the place of an input or of another output.
Outputs outputs(const Options& options) {
  Outputs result;
  std::set<Path> taken;
  for (const std::string& image : options.images) taken.insert(std::filesystem::weakly_canonical(image));
  const auto take = [&](const Path& path) {
    if (!taken.insert(std::filesystem::weakly_canonical(path)).second)
      throw UsageError("--out " + options.out + ": " + path.string() + " is an input or another output");
    return path;
  };
  for (const Path& path : output_paths(options.images, options.out, ".png")) {
    result.pictures.emplace_back();
    for (const double epsilon : options.epsilons)
      result.pictures.back().push_back(
          take(options.epsilons.size() == 1 ? path : beside(path, "-eps" + number(epsilon))));
    result.sheets.push_back(take(beside(path, "-sheet")));
  }
  return result;
}

/// The ε to try on each image: those asked for, or the smallest that is found to flip it, if any.
std::vector<Trial> trials(Attacker& attacker, const Options& options) {
  if (options.search) return attacker.search(options.resolution);
  std::vector<Trial> result;
  for (std::size_t i = 0; i < attacker.count(); ++i)
    for (const double epsilon : options.epsilons) result.push_back({i, epsilon});
  return result;
}

/// Attacks the inputs from `first` on; writes pictures and sheets.
std::vector<AttackedImage> attack(const Model& model, const Options& options, const Outputs& outputs,
                                  const Inputs& inputs, std::size_t first, Attacker& attacker) {
  const int side = model.input_size();
  const std::vector<Trial> all = trials(attacker, options);
  const std::vector<Prediction> exact = attacker.predictions(all);
  std::vector<AttackedImage> results;
  for (std::size_t i = 0; i < attacker.count(); ++i)
    results.push_back(
        {options.images[first + i], attacker.label(i), attacker.target(), attacker.before(i), {}});

  std::vector<std::vector<Image>> written(results.size());
  std::vector<std::vector<std::vector<float>>> moves(results.size());
  std::vector<float> read_back;
  for (std::size_t t = 0; t < all.size(); ++t) {
    const std::size_t i = all[t].image;
    std::vector<float> picture = attacker.moved(all[t]);
    const Path& out = outputs.pictures[first + i][results[i].attacks.size()];
    write_png(out, from_chw(picture, side, side));
    written[i].push_back(load_image(out));
    const std::vector<float> chw = to_chw(written[i].back());
    read_back.insert(read_back.end(), chw.begin(), chw.end());
    for (std::size_t e = 0; e < picture.size(); ++e) picture[e] -= attacker.image(i)[e];
    moves[i].push_back(std::move(picture));
    results[i].attacks.push_back({all[t].epsilon, exact[t], {}, out});
  }
  const std::vector<Prediction> as_written = attacker.predictions(all, read_back);
  std::vector<std::size_t> seen(results.size());
  for (std::size_t t = 0; t < all.size(); ++t)
    results[all[t].image].attacks[seen[all[t].image]++].written = as_written[t];
  for (std::size_t i = 0; i < results.size(); ++i)
    if (!results[i].attacks.empty())
      write_png(outputs.sheets[first + i],
                sheet(model, results[i], inputs.prepared[first + i], moves[i], written[i]));
  return results;
}

void run(const Options& options) {
  const Model model = options.common.model();
  if (model.classes() < 2) throw UsageError("fgsm: a network of one class cannot be fooled");
  const int label = options.label.empty() ? -1 : model.class_index(options.label);
  const int target = options.target.empty() ? -1 : model.class_index(options.target);
  const Inputs inputs = load_inputs(model, options.images);
  const Outputs out = outputs(options);

  constexpr std::size_t together = 16;
  const std::size_t images = options.images.size(), tried = options.search ? 8 : options.epsilons.size();
  Runner backward(model, std::min(images, together), ReluRule::gradient);
  Runner forward(model, std::min(images, together) * tried);
  nlohmann::json results = nlohmann::json::array();
  for (std::size_t first = 0; first < images; first += together) {
    const std::size_t count = std::min(together, images - first);
    Attacker attacker(
        model, label, target, backward, forward,
        std::span(inputs.elements).subspan(first * model.image_elements(), count * model.image_elements()));
    for (const AttackedImage& attacked : attack(model, options, out, inputs, first, attacker)) {
      if (options.common.json)
        results.push_back(to_json(model, attacked));
      else
        std::fputs(to_text(model, attacked).c_str(), stdout);
    }
  }
  if (options.common.json) print_json({{"images", std::move(results)}});
}

}  // namespace

void add_fgsm(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("fgsm", "Change every pixel a little so that the network is fooled");
  command->footer(
      "The fast gradient sign method of Goodfellow et al. 2014, arXiv 1412.6572:\n"
      "  x' = clip(x + epsilon * sign(gradient of the cross-entropy at x), 0, 255)\n"
      "in grey levels of the picture as the network sees it, resized and cropped. OUT is that picture, "
      "changed: its exact\npixels, which the report says again of the file read back. A whole epsilon loses "
      "nothing in the file's 8 bits.\nOUT-sheet shows original, perturbation and result side by side. "
      "Several "
      "epsilons go to OUT-eps2, OUT-eps4 and so on.\n\n"
      "--search tries 1, 2, 4 ... 128, and then bisects between the first that fools the network and the one "
      "before. More\nepsilon does not always fool more: one below the reported may do, too, if it was not "
      "among "
      "those tried.\n\n"
      "Examples: backlight fgsm cat.jpg --weights resnet50.h5 --epsilon 1,2,4,8 --out fooled.png\n"
      "          backlight fgsm *.jpg --weights resnet50.h5 --search --targeted 'tabby' --out folder");
  add_images(*command, options->images);
  CLI::Option* epsilon =
      command->add_option("--epsilon,-e", options->epsilons, "grey levels of 255; several by commas")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->check(between(1e-3, 255))
          ->capture_default_str();
  command->add_option("--class,-c", options->label, "the true class; default: what the network says")
      ->type_name("NAME|INDEX");
  command
      ->add_option("--targeted,-t", options->target, "go towards this class, not just away from the true one")
      ->type_name("NAME|INDEX");
  CLI::Option* search =
      command->add_flag("--search", options->search, "find the smallest epsilon that fools, for each picture")
          ->excludes(epsilon);
  command
      ->add_option("--resolution", options->resolution,
                   "how closely to search, in grey levels; below 1 the file's 8 bits may not hold the result")
      ->needs(search)
      ->check(between(1e-3, 128))
      ->capture_default_str();
  command->add_option("--out,-o", options->out, "OUT.png; for several pictures, a folder")
      ->capture_default_str();
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
