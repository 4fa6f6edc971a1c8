#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/evaluation/evaluation.h"
#include "apps/evaluation/report.h"
#include "apps/evaluation/sheet.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "apps/progress.h"
#include "engine/error.h"
#include "engine/whole_file.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> methods;
  std::string out;
  std::uint64_t seed = 3;  // not those that the shipped network learned from (1) or was tested on (2)
  int count = 200, steps = 10, randomised = 16;
};

/// Every picture of the evaluation, in the folder OUT; gives back their paths.
std::vector<std::string> draw(const Model& model, const Samples& samples, const Evaluation& evaluation,
                              const std::optional<RandomisationCheck>& check, const Options& options) {
  std::vector<std::string> paths;
  const auto write = [&](const std::string& name, const Image& image) {
    paths.push_back((std::filesystem::path(options.out) / (name + ".png")).string());
    write_png(paths.back(), image);
  };
  for (const MethodScores& method : evaluation.methods)
    write("cases_" + std::string(method.method.name),
          best_and_worst(model, samples, method, evaluation.animal_shares, options.seed));
  write("deletion", deletion_chart(evaluation));
  write("insertion", insertion_chart(evaluation));
  if (check) write("randomisation", randomisation_chart(*check));
  return paths;
}

void make_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) throw Error("--out " + path + ": the folder cannot be made: " + failure.message());
}

void run(const Options& options) {
  const std::vector<Method> methods = methods_with_baselines(options.methods);
  const Model model = options.common.model();
  const RunOptions run = options.common.run();
  const Samples samples(model, options.seed);
  if (!options.out.empty()) make_folder(options.out);

  Evaluation evaluation;
  {
    Progress progress("pictures", options.count);
    evaluation = evaluate(model, samples, methods, {options.count, options.steps, options.seed, run.threads},
                          [&] { progress.step(); });
  }
  std::optional<RandomisationCheck> check;
  if (options.randomised > 0) {
    const SampleBatch batch =
        sample_batch(samples, 0, std::min(options.randomised, options.count), run.threads);
    check = randomisation_check(weights_or_shipped(options.common.weights), run, methods,
                                {model, batch.images, batch.targets, options.seed});
  }
  std::vector<std::string> paths;
  nlohmann::json result = to_json(evaluation, options.seed);
  result["seed"] = options.seed;
  if (check) result["randomisation"] = to_json(*check);
  if (!options.out.empty()) {
    paths = draw(model, samples, evaluation, check, options);
    paths.push_back((std::filesystem::path(options.out) / "evaluation.json").string());
    write_whole_file(paths.back(), json_text(result) + "\n");
  }

  if (options.common.json) {
    result["out"] = paths;
    print_json(result);
    return;
  }
  std::cout << to_text(evaluation, options.seed);
  if (check) std::cout << '\n' << to_text(*check);
  for (const std::string& path : paths) std::cout << "-> " << path << '\n';
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "evaluate", "Hold maps of importance against the truth that Menagerie's pictures come with");
  std::string methods_there_are;
  for (const Method& method : methods())
    methods_there_are += "  " + std::string(method.name) + ": " + std::string(method.description) + "\n";
  command->footer("The methods, each for the logit of the true class:\n" + methods_there_are +
                  "The baselines are always there: a method that is not better than they are shows nothing.\n"
                  "Then the sanity check of Adebayo et al. 2018, arXiv 1810.03292: do the maps change when "
                  "the network forgets?\n\n"
                  "Example: backlight evaluate --methods gradient guided --count 100 "
                  "--out evaluation");
  command->add_option("--methods", options->methods, "which maps; default: all there are")
      ->type_name("NAME ...");
  command->add_option("--count", options->count, "pictures")
      ->check(between(1, 100000))
      ->capture_default_str();
  command
      ->add_option("--seed", options->seed, "which pictures; also of the intervals, noise and random weights")
      ->capture_default_str();
  command->add_option("--steps", options->steps, "of the deletion and insertion curves")
      ->check(between(2, 1000))
      ->capture_default_str();
  command
      ->add_option("--randomised", options->randomised,
                   "pictures of the check with random weights, which are the first of all; 0: leave it out")
      ->check(between(0, 1000))
      ->capture_default_str();
  command
      ->add_option(
          "--out,-o", options->out,
          "write the figures (evaluation.json), best and worst cases, curves and the check into this folder")
      ->type_name("FOLDER");
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
