#include <set>

#include "apps/commands.h"
#include "apps/fgsm/attacker.h"
#include "apps/fgsm/report.h"
#include "apps/formatted.h"
#include "apps/input/picture_report.h"
#include "apps/input/picture_stream.h"
#include "apps/options.h"
#include "engine/error.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  PictureOptions pictures;
  std::string label, target, out = "adversarial.png";
  std::vector<double> epsilons = {8};
  bool search = false;
  double resolution = 1;
};

using Path = std::filesystem::path;

Path beside(const Path& path, const std::string& suffix) {
  return path.parent_path() / (path.stem().string() + suffix + path.extension().string());
}

/// Where everything goes: OUT; for several ε OUT-eps2, OUT-eps4 …; and the sheet OUT-sheet.
struct Outputs {
  std::vector<std::vector<Path>> pictures;  // by image, then by ε
  std::vector<Path> sheets;
  OutputPaths at;
};

/// Throws UsageError where an output would take the place of an input or of another output.
Outputs outputs(const Options& options, const PictureList& list) {
  if (options.out == standard_stream) throw UsageError("--out -: fgsm writes several files");
  Outputs result;
  std::set<Path> taken;
  for (const std::string& image : list.paths) taken.insert(std::filesystem::weakly_canonical(image));
  const auto take = [&](const Path& path) {
    if (!taken.insert(std::filesystem::weakly_canonical(path)).second)
      throw UsageError("--out " + options.out + ": " + path.string() + " is an input or another output");
    return path;
  };
  result.at = output_paths(list, options.out, ".png");
  for (const Path& path : result.at.paths) {
    result.pictures.emplace_back();
    for (const double epsilon : options.epsilons)
      result.pictures.back().push_back(
          take(options.epsilons.size() == 1 ? path : beside(path, formatted("-eps%g", epsilon))));
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

/// Attacks some inputs; writes pictures and sheets.
std::vector<AttackedImage> attack(const Model& model, const Options& options, const Outputs& outputs,
                                  const PictureList& list, const Inputs& inputs, Attacker& attacker) {
  const int side = model.input_size();
  const std::vector<Trial> all = trials(attacker, options);
  const std::vector<Prediction> exact = attacker.predictions(all);
  std::vector<AttackedImage> results;
  for (std::size_t i = 0; i < attacker.count(); ++i)
    results.push_back(
        {list.paths[inputs.places[i]], attacker.label(i), attacker.target(), attacker.before(i), {}});

  std::vector<std::vector<Image>> written(results.size());
  std::vector<std::vector<std::vector<float>>> moves(results.size());
  std::vector<float> read_back;
  for (std::size_t t = 0; t < all.size(); ++t) {
    const std::size_t i = all[t].image;
    std::vector<float> picture = attacker.moved(all[t]);
    const Path& out = outputs.pictures[inputs.places[i]][results[i].attacks.size()];
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
      write_png(outputs.sheets[inputs.places[i]],
                sheet(model, results[i], inputs.prepared[i], moves[i], written[i]));
  return results;
}

void run(const Options& options) {
  const PictureList list = list_pictures(options.pictures.given);
  const Model model = options.common.model();
  if (model.classes() < 2) throw UsageError("fgsm: a network of one class cannot be fooled");
  const int label = options.label.empty() ? -1 : chosen_class(model, "--class", options.label);
  const int target = options.target.empty() ? -1 : chosen_class(model, "--targeted", options.target);
  const Outputs out = outputs(options, list);

  PictureReport report(list, {.json = options.common.json, .fail_fast = options.pictures.fail_fast});
  const std::vector<std::size_t> open =
      still_to_do(options.pictures, list.paths.size(), {{out.sheets, "--out"}}, report);
  const std::size_t tried = options.search ? 8 : options.epsilons.size();
  Runner backward(model, open.size(), ReluRule::gradient);
  Runner forward(model, open.size() * tried);
  PictureStream stream(model, list.paths, open, options.common.run().threads,
                       [&](std::size_t place, const std::string& why) { report.fail(place, why); });
  while (const std::optional<Inputs> inputs = stream.next()) {
    out.at.make_folder();
    Attacker attacker(model, label, target, backward, forward, inputs->elements);
    for (const AttackedImage& attacked : attack(model, options, out, list, *inputs, attacker))
      report.add(to_json(model, attacked), to_text(model, attacked));
  }
  report.finish();
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
  add_pictures(*command, options->pictures);
  add_resume(*command, options->pictures);
  CLI::Option* epsilon =
      command->add_option("--epsilon,-e", options->epsilons, "grey levels of 255; several by commas")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->check(between(0, 255))
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
