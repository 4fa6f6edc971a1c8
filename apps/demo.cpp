#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/class_image/octaves.h"
#include "apps/commands.h"
#include "apps/demo/contact_sheet.h"
#include "apps/demo/page.h"
#include "apps/microscope/page.h"
#include "apps/options.h"

#include "apps/json_text.h"
#include "apps/progress.h"
#include "engine/whole_file.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::string out = "out";
  std::uint64_t seed = 3;  // not those that the shipped network learned from (1) or was tested on (2)
};

using Path = std::filesystem::path;

/// What the demo writes.
struct Outputs {
  std::vector<Path> pictures;  // of the animals
  Path sheet, page;
  std::vector<Path> microscopes;  // pages, of the animals
};

/// Makes the folder. Throws Error where a file cannot be written: better now than after the work.
Outputs outputs(const Options& options) {
  PictureList stems{{menagerie::animal_names.begin(), menagerie::animal_names.end()}, true};
  stems.paths.push_back("contact-sheet");
  const OutputPaths out = output_paths(stems, options.out, ".png");
  out.make_folder();
  Outputs result{out.paths, {}, Path(options.out) / "page.html", {}};
  result.sheet = result.pictures.back();
  result.pictures.pop_back();
  for (const Path& path : result.pictures) {
    result.microscopes.push_back(Path(path).replace_extension(".html"));
    expect_writable(path);
    expect_writable(result.microscopes.back());
  }
  expect_writable(result.sheet);
  expect_writable(result.page);
  return result;
}

nlohmann::json to_json(const Model& model, const demo::Answer& answer) {
  return {
      {"index", answer.index}, {"name", model.class_name(answer.index)}, {"probability", answer.probability}};
}

nlohmann::json to_json(const Model& model, const demo::Exhibit& exhibit, const Path& picture,
                       const Path& microscope) {
  nlohmann::json result{{"animal", exhibit.name()},
                        {"area", exhibit.area},
                        {"predicted", to_json(model, exhibit.answer)},
                        {"adversarial", nullptr},
                        {"class_image", {{"probability", exhibit.class_probability}}},
                        {"picture", picture.string()},
                        {"microscope", microscope.string()}};
  for (std::size_t r = 0; r < demo::rules.size(); ++r) {
    const std::string rule(to_string(demo::rules[r]));
    const demo::Map& map = exhibit.maps[r];
    result["on_animal"][rule] = map.on_animal;
    result["faithfulness"][rule] = {
        {"cosine", map.faith.cosine}, {"opposite", map.faith.opposite}, {"rise", map.faith.rise}};
  }
  if (exhibit.fooled) {
    result["adversarial"] = to_json(model, exhibit.fooled->answer);
    result["adversarial"]["epsilon"] = exhibit.fooled->epsilon;
    const demo::Forecast& forecast = exhibit.fooled->forecast;
    result["adversarial"]["forecast"] = {{"margin", forecast.margin},
                                         {"sum", forecast.sum},
                                         {"epsilon", forecast.epsilon()},
                                         {"random", forecast.random}};
  }
  return result;
}

std::string to_text(const Model& model, const demo::Exhibit& exhibit) {
  const auto answer = [&](const demo::Answer& a) {
    return model.class_name(a.index) + " " + demo::percent(a.probability);
  };
  std::string line = exhibit.name();
  line += ": " + answer(exhibit.answer);
  char epsilon[32];
  if (exhibit.fooled) {
    std::snprintf(epsilon, sizeof epsilon, "%g", exhibit.fooled->epsilon);
    return line + "; moved by " + epsilon +
           (exhibit.fooled->epsilon == 1 ? " grey level: " : " grey levels: ") +
           answer(exhibit.fooled->answer) + "\n";
  }
  return line + "; not fooled by any epsilon that was tried\n";
}

void run(const Options& options) {
  const Model model = options.common.model();
  const Samples world(model, options.seed);
  const Outputs out = outputs(options);
  std::vector<demo::Exhibit> exhibits;
  {
    const std::size_t octaves = octave_sides(model.input_size(), demo::ascent.octaves).size();
    Progress progress("demo", static_cast<int>(octaves) * demo::ascent.iterations);
    exhibits = demo::make_exhibits(model, world, [&] { progress.step(); });
  }
  for (std::size_t i = 0; i < exhibits.size(); ++i) write_png(out.pictures[i], exhibits[i].image);
  write_png(out.sheet, demo::contact_sheet(model, exhibits));
  const RunOptions run = options.common.run();
  const WeightFile weights = weights_or_shipped(options.common.weights);
  const demo::Evidence evidence = demo::gather_evidence(weights, run, model, exhibits);
  write_whole_file(
      out.page, demo::page(model, exhibits, evidence, {options.out, options.common.weights, options.seed}));
  for (std::size_t i = 0; i < exhibits.size(); ++i) {
    const std::vector<float> image = to_chw(exhibits[i].image);
    const std::string name = out.pictures[i].filename().string();
    write_whole_file(out.microscopes[i],
                     microscope_page({weights, model, run, name, image, exhibits[i].answer.index}).html);
  }

  nlohmann::json animals = nlohmann::json::array();
  for (std::size_t i = 0; i < exhibits.size(); ++i) {
    if (options.common.json)
      animals.push_back(to_json(model, exhibits[i], out.pictures[i], out.microscopes[i]));
    else
      std::fputs(to_text(model, exhibits[i]).c_str(), stdout);
  }
  if (options.common.json)
    print_json({{"seed", options.seed},
                {"animals", std::move(animals)},
                {"contact_sheet", out.sheet.string()},
                {"page", out.page.string()}});
  else
    std::printf(
        "\n%s  all pictures, a row for each animal\n%s  the same with an explanation of each step: open it "
        "in a browser\n%s  and four more: a walk through the network, number by number\n",
        out.sheet.c_str(), out.page.c_str(), out.microscopes[0].c_str());
}

}  // namespace

void add_demo(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("demo", "See it all: five animals, and what the network sees in them");
  command->footer(
      "Renders a picture of each animal of Menagerie, classifies it, sends the answer back to the pixels by "
      "the three "
      "rules\nof a ReLU, searches the smallest change that fools the network, and climbs to a picture of "
      "each class.\n"
      "OUT is a folder: contact-sheet.png, page.html, which explains every step and needs nothing else, the "
      "five "
      "pictures,\n"
      "and a page of backlight microscope for each. The same seed gives the same bytes.\n\n"
      "Example: backlight demo --out out --seed 7");
  command->add_option("--out,-o", options->out, "the folder to write to")->capture_default_str();
  command->add_option("--seed", options->seed, "of the rendered world")
      ->check(between(0, 1e18))
      ->capture_default_str();
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
