#include <cctype>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/class_image/ascent.h"
#include "apps/class_image/octaves.h"
#include "apps/commands.h"
#include "apps/drawing/label.h"
#include "apps/drawing/sheet.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "apps/progress.h"
#include "apps/runner.h"
#include "engine/whole_file.h"

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

/// One class, its picture and what the network makes of it.
struct Result {
  int target;
  std::filesystem::path out;
  Score before, after, written;  // of the mean image, of the picture in floats, of the file read back
  Image image;                   // the file's
  bool empty;                    // as good as the mean image
};

/// What the network makes of each class's picture.
std::vector<Score> scores(const Model& model, const std::vector<int>& classes,
                          std::span<const float> images) {
  const std::vector<float> logits = Runner(model, classes.size()).run(images).logits;
  const auto count = static_cast<std::size_t>(model.classes());
  std::vector<Score> result;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto own = std::span(logits).subspan(i * count, count);
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

std::vector<std::filesystem::path> outputs(const Model& model, const std::vector<int>& classes,
                                           const Options& options) {
  PictureList stems{{}, classes.size() > 1};
  for (const int k : classes) stems.paths.push_back(file_stem(model.class_name(k)));
  const OutputPaths out = output_paths(stems, options.out, ".png");
  out.make_folder();
  const std::vector<std::filesystem::path>& paths = out.paths;
  // The ascent may take minutes: what cannot be written is better known before.
  for (const std::filesystem::path& path : paths)
    if (path != standard_stream) expect_writable(path);
  if (!options.sheet.empty()) {
    expect_extension("--sheet", options.sheet, {".png"});
    expect_writable(options.sheet);
  }
  return paths;
}

std::vector<Result> make(const Model& model, const Options& options) {
  std::vector<int> classes;
  for (const std::string& name : options.classes) classes.push_back(model.class_index(name));
  const std::vector<std::filesystem::path> paths = outputs(model, classes, options);

  const std::size_t octaves = octave_sides(model.input_size(), options.ascent.octaves).size();
  Progress progress("class-image", static_cast<int>(octaves) * options.ascent.iterations);
  const std::vector<float> pictures = climb(model, classes, options.ascent, [&] { progress.step(); });

  const std::size_t elements = model.image_elements();
  std::vector<float> start(pictures.size()), written;
  for (std::size_t i = 0; i < start.size(); ++i)
    start[i] = static_cast<float>(255 * model.info().mean[i % elements / (elements / 3)]);
  std::vector<Image> images;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    write_png(paths[i], from_chw(std::span(pictures).subspan(i * elements, elements), model.input_size(),
                                 model.input_size()));
    images.push_back(load_image(paths[i]));
    const std::vector<float> chw = to_chw(images.back());
    written.insert(written.end(), chw.begin(), chw.end());
  }
  const std::vector<Score> before = scores(model, classes, start), after = scores(model, classes, pictures),
                           read_back = scores(model, classes, written);
  std::vector<Result> results;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    double squares = 0;
    for (std::size_t j = i * elements; j < (i + 1) * elements; ++j)
      squares += std::pow(pictures[j] - start[j], 2);
    const bool empty = std::sqrt(squares / static_cast<double>(elements)) < 1;  // grey level
    results.push_back({classes[i], paths[i], before[i], after[i], read_back[i], std::move(images[i]), empty});
  }
  return results;
}

std::string describe(const Score& score) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f (%.1f %%)", static_cast<double>(score.logit),
                100 * score.probability);
  return text;
}

nlohmann::json to_json(const Score& score) {
  return {{"logit", score.logit}, {"probability", score.probability}};
}

/// The pictures with their names, as near to a square as their number allows.
Image sheet(const Model& model, const std::vector<Result>& results) {
  std::size_t columns = 1;
  while (columns * columns < results.size()) ++columns;
  std::vector<std::vector<Image>> rows;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i % columns == 0) rows.emplace_back();
    rows.back().push_back(
        label(enlarge_to(results[i].image, 224),
              model.class_name(results[i].target) + "\nlogit " + describe(results[i].written)));
  }
  return montage(rows);
}

void run(const Options& options) {
  const Model model = options.common.model();
  const std::vector<Result> results = make(model, options);
  if (!options.sheet.empty()) write_png(options.sheet, sheet(model, results));
  nlohmann::json images = nlohmann::json::array();
  for (const Result& r : results) {
    const std::string& name = model.class_name(r.target);
    images.push_back({{"class", {{"index", r.target}, {"name", name}}},
                      {"before", to_json(r.before)},
                      {"after", to_json(r.after)},
                      {"written", to_json(r.written)},
                      {"empty", r.empty},
                      {"out", r.out.string()}});
    if (options.common.json) continue;
    std::printf("%s: logit %s -> %s; clipped to 8 bits %s -> %s\n", name.c_str(), describe(r.before).c_str(),
                describe(r.after).c_str(), describe(r.written).c_str(), r.out.c_str());
    if (r.empty)
      std::printf(
          "  still the mean image: --total-variation or --lambda is too strong, or --step too short\n");
  }
  if (options.common.json) print_json({{"seed", options.ascent.seed}, {"images", std::move(images)}});
}

}  // namespace

void add_class_image(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("class-image", "A picture of what the network takes for a class");
  command->footer(
      "Simonyan et al. 2013, arXiv 1312.6034, section 2: from the mean image (I = 0), gradient ascent to\n"
      "  argmax over I of logit(I) - lambda * |I|^2\n"
      "with I as the first convolution sees it, (grey / 255 - mean) / std, not clipped. The file has the "
      "mean "
      "added and is\nclipped to 0 ... 255; its score is that of the file read back. Each step is as long as "
      "--step says, whatever the\ngradient's, and shrinks evenly to 0. More than that happens only where an "
      "option asks for it: jitter, blur, total\nvariation and octaves make smoother pictures.\n\n"
      "Examples: backlight class-image --class tabby --weights resnet50.h5 --out tabby.png\n"
      "          backlight class-image --class cat rabbit --out folder --sheet both.png --iterations 60 "
      "--step 0.2 \\\n"
      "            --lambda 0.0003 --jitter 8 --total-variation 0.002 --octaves 4");
  AscentOptions& ascent = options->ascent;
  command
      ->add_option("--class,-c", options->classes, "classes, by name or index; several are made as a batch")
      ->required()
      ->type_name("NAME|INDEX");
  const auto number = [&](const std::string& name, auto& value, double low, double high,
                          const std::string& text) {
    command->add_option(name, value, text)->check(between(low, high))->capture_default_str();
  };
  number("--iterations", ascent.iterations, 1, 100000, "steps, in each octave");
  number("--step", ascent.step, 0.0001, 1000, "the first step: root mean square change of I");
  number("--lambda", ascent.lambda, 0, 1000, "weight of |I|^2");
  number("--jitter", ascent.jitter, 0, 1000, "shift the picture at random by up to so many pixels each way");
  number("--blur", ascent.blur, 0, 100, "after each step, a Gaussian of so many pixels standard deviation");
  number("--total-variation", ascent.total_variation, 0, 1000,
         "weight of the sum of differences between neighbours");
  number("--octaves", ascent.octaves, 1, 16,
         "climb on coarse pictures first, each half the size of the next");
  number("--seed", ascent.seed, 0, 1e18, "of the jitter");
  command->add_option("--out,-o", options->out, "OUT.png; for several classes, a folder")
      ->capture_default_str();
  command->add_option("--sheet", options->sheet,
                      "also write all pictures, enlarged and with their names, as one .png");
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
