#include <cctype>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/class_image_ascent.h"
#include "apps/class_image_octaves.h"
#include "apps/commands.h"
#include "apps/options.h"
#include "apps/picture.h"
#include "apps/progress.h"
#include "apps/runner.h"
#include "engine/temporary_file.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  AscentOptions ascent;
  std::vector<std::string> classes;
  std::string out = "class-image.png", sheet;
};

struct Score {
  float logit;
  double probability;
};

/// What the network makes of each class's picture.
std::vector<Score> scores(const Model& model, const std::vector<int>& classes,
                          std::span<const float> images) {
  const std::vector<float> logits = Runner(model, classes.size()).run(images).logits;
  std::vector<Score> result;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto own = std::span(logits).subspan(i * static_cast<std::size_t>(model.classes()),
                                               static_cast<std::size_t>(model.classes()));
    const auto k = static_cast<std::size_t>(classes[i]);
    result.push_back({own[k], softmax(own)[k]});
  }
  return result;
}

/// Part of a file name: "bull mastiff" becomes "bull_mastiff".
std::string file_stem(const std::string& class_name) {
  std::string stem = class_name.substr(0, class_name.find(','));
  for (char& c : stem)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-') c = '_';
  return stem;
}

/// As near to square as the number of pictures allows.
Image sheet(const std::vector<Image>& pictures) {
  std::size_t columns = 1;
  while (columns * columns < pictures.size()) ++columns;
  std::vector<std::vector<Image>> rows;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (i % columns == 0) rows.emplace_back();
    rows.back().push_back(pictures[i]);
  }
  return montage(rows);
}

nlohmann::json to_json(const Score& score) {
  return {{"logit", score.logit}, {"probability", score.probability}};
}

void run(const Options& options) {
  const Model model = options.common.model();
  std::vector<int> classes;
  std::vector<std::string> stems;
  for (const std::string& name : options.classes) {
    classes.push_back(model.class_index(name));
    stems.push_back(file_stem(model.class_name(classes.back())));
  }
  const std::vector<std::filesystem::path> paths = output_paths(stems, options.out, ".png");
  if (paths[0].extension() != ".png") throw UsageError("--out " + options.out + ": the picture is a .png");
  // The ascent takes minutes: an output that cannot be written is better known before.
  for (const auto& path : paths) TemporaryFile{path};
  if (!options.sheet.empty()) TemporaryFile{options.sheet};

  const auto octaves = octave_sides(model.input_size(), options.ascent.octaves).size();
  Progress progress("class-image", static_cast<int>(octaves) * options.ascent.iterations);
  const std::vector<float> pictures = climb(model, classes, options.ascent, [&] { progress.step(); });

  std::vector<float> start(pictures.size()), written;
  std::vector<Image> images;
  for (std::size_t i = 0; i < start.size(); ++i)
    start[i] =
        static_cast<float>(255 * model.info().mean[i % model.image_elements() * 3 / model.image_elements()]);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto own = std::span(pictures).subspan(i * model.image_elements(), model.image_elements());
    write_png(paths[i], from_chw(own, model.input_size(), model.input_size()));
    images.push_back(load_image(paths[i]));
    const std::vector<float> chw = to_chw(images.back());
    written.insert(written.end(), chw.begin(), chw.end());
  }
  const std::vector<Score> before = scores(model, classes, start), after = scores(model, classes, pictures),
                           as_written = scores(model, classes, written);

  nlohmann::json results = nlohmann::json::array();
  for (std::size_t i = 0; i < classes.size(); ++i) {
    results.push_back({{"class", {{"index", classes[i]}, {"name", model.class_name(classes[i])}}},
                       {"before", to_json(before[i])},
                       {"after", to_json(after[i])},
                       {"written", to_json(as_written[i])},
                       {"out", paths[i].string()}});
    char caption[64];
    std::snprintf(caption, sizeof caption, "logit %.1f, %.1f %%", static_cast<double>(as_written[i].logit),
                  100 * as_written[i].probability);
    images[i] = label(enlarge_to(images[i], 224), model.class_name(classes[i]) + "\n" + caption);
    if (!options.common.json)
      std::printf("%s: logit %.2f -> %.2f (%.1f %% -> %.1f %%); clipped to 8 bits %.2f (%.1f %%) -> %s\n",
                  model.class_name(classes[i]).c_str(), static_cast<double>(before[i].logit),
                  static_cast<double>(after[i].logit), 100 * before[i].probability,
                  100 * after[i].probability, static_cast<double>(as_written[i].logit),
                  100 * as_written[i].probability, paths[i].c_str());
  }
  if (!options.sheet.empty()) write_png(options.sheet, sheet(images));
  if (options.common.json) std::cout << nlohmann::json{{"images", std::move(results)}}.dump(2) << '\n';
}

}  // namespace

void add_class_image(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("class-image", "A picture of what the network takes for a class");
  AscentOptions& ascent = options->ascent;
  command->add_option("--class,-c", options->classes, "classes, by name or index; several run as a batch")
      ->required()
      ->type_name("NAME|INDEX");
  command->add_option("--iterations", ascent.iterations)
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--step", ascent.step)->capture_default_str();
  command->add_option("--lambda", ascent.lambda)->capture_default_str();
  command->add_option("--jitter", ascent.jitter)->capture_default_str();
  command->add_option("--blur", ascent.blur)->capture_default_str();
  command->add_option("--total-variation", ascent.total_variation)->capture_default_str();
  command->add_option("--octaves", ascent.octaves)->capture_default_str();
  command->add_option("--seed", ascent.seed)->capture_default_str();
  command->add_option("--out,-o", options->out)->capture_default_str();
  command->add_option("--sheet", options->sheet);
  add_common_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
