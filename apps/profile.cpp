#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "apps/profile/all_kernels.h"
#include "apps/profile/comparison.h"
#include "apps/profile/profile_json.h"
#include "apps/profile/roofline.h"
#include "apps/profile/table.h"
#include "apps/profile/trace.h"
#include "engine/whole_file.h"
#include "layers/network.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::string architecture, rule = "gradient", backward = "image", sort = "program", out, trace, compare;
  int input_size = 0, repeat = 20;
  std::int64_t batch = 1;
  bool forward = false, all_kernels = false;
};

SubjectOptions subject_of(const Options& options) {
  if (!options.architecture.empty()) {
    const std::vector<std::string> known = architectures();
    if (std::ranges::find(known, options.architecture) == known.end()) {
      std::string text = "--architecture " + options.architecture + ": there are";
      for (const std::string& name : known) text += " " + name;
      throw UsageError(text);
    }
  }
  return {.weights = options.common.weights,
          .architecture = options.architecture,
          .input_size = options.input_size,
          .run = options.common.run(),
          .batch = options.batch,
          .rule = relu_rule_from_name(options.rule),
          .work = options.forward                    ? Work::forward
                  : options.backward == "parameters" ? Work::parameter_gradient
                                                     : Work::image_gradient};
}

/// Of a file to be written in the end: what cannot be is found out before anything is measured.
void expect_output(const std::string& path, const std::string& option, const std::string& extension) {
  if (path.empty()) return;
  expect_extension(option, path, {extension});
  expect_writable(path);
}

void run(const Options& options) {
  const SubjectOptions subject_options = subject_of(options);
  expect_output(options.out, "--out", ".png");
  expect_output(options.trace, "--trace", ".json");
  std::optional<Profile> older;
  if (!options.compare.empty()) older = read_profile(options.compare);

  const Counters counters;  // before the first thread
  Subject subject(subject_options);
  if (older) (void)compare(describe(subject, 0, counters), *older, options.compare);  // refuse at once
  Profile profile = measure(subject, options.repeat, counters);
  profile.version = BACKLIGHT_VERSION;
  std::optional<Comparison> comparison;
  if (older) comparison = compare(profile, *older, options.compare);
  std::vector<CallByKernel> all_kernels;
  if (options.all_kernels) all_kernels = time_all_kernels(subject_options, profile);

  if (!options.out.empty()) write_png(options.out, roofline_picture(profile));
  if (!options.trace.empty()) write_whole_file(options.trace, trace_json(profile).dump(1) + "\n");
  if (options.common.json) {
    nlohmann::json result = to_json(profile);
    if (comparison) result["comparison"] = to_json(*comparison);
    if (options.all_kernels) result["all_kernels"] = to_json(all_kernels);
    print_json(result);
    return;
  }
  std::cout << profile_text(profile, options.sort == "time" ? Order::time : Order::program);
  if (options.all_kernels) std::cout << all_kernels_text(all_kernels);
  if (comparison) std::cout << comparison_text(*comparison, options.compare);
}

}  // namespace

void add_profile(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("profile", "What each call of a gradient costs, and what it could cost");
  command->footer(
      "A row per call: median time and spread (half the distance of the quartiles), what it computes and "
      "moves at least,\n"
      "and how near it is to the roof: the shortest time that this machine's measured ceilings allow.\n"
      "FLOP are those of the plain sum. Kernels called winograd… compute fewer: they can be above the "
      "roof.\n\n"
      "Example: backlight profile --weights resnet50.h5 --out roofline.png\n"
      "         backlight profile --architecture vgg16 --batch 4 --sort time\n"
      "         backlight profile --json > before.json; backlight profile --kernel ref --compare "
      "before.json");
  CLI::Option* architecture =
      command->add_option("--architecture,-a", options->architecture,
                          "a network with random weights in place of a file: resnet50, vgg16, ...");
  command
      ->add_option("--input-size", options->input_size,
                   "of --architecture, in pixels; default: that of its paper")
      ->check(between(1, 8192))
      ->needs(architecture);
  CLI::Option* forward = command->add_flag("--forward", options->forward, "the forward alone");
  command
      ->add_option(
          "--backward", options->backward,
          "what the gradient is taken of: image, or parameters: a step of training, not folded or fused")
      ->check(CLI::IsMember({"image", "parameters"}))
      ->capture_default_str()
      ->excludes(forward);
  command->add_option("--batch", options->batch, "images at a time")->check(between(1, 1 << 20));
  command->add_option("--repeat", options->repeat, "runs that are timed")
      ->check(between(1, 100000))
      ->capture_default_str();
  command->add_option("--rule", options->rule, "of the ReLUs: gradient, guided or deconvnet")
      ->capture_default_str();
  command->add_option("--sort", options->sort, "program or time")
      ->check(CLI::IsMember({"program", "time"}))
      ->capture_default_str();
  command->add_option("--out,-o", options->out, "draw the roofline and the time line")->type_name("FILE.png");
  command->add_option("--trace", options->trace, "write a run as Chrome trace events, for ui.perfetto.dev")
      ->type_name("FILE.json");
  command->add_option("--compare", options->compare, "say what is faster or slower than in an older --json")
      ->type_name("FILE.json");
  command->add_flag("--all-kernels", options->all_kernels,
                    "time every implementation that takes a call, side by side");
  add_model_options(*command, options->common);
  architecture->excludes(command->get_option("--weights"));
  command->callback([options] { run(*options); });
}

}  // namespace backlight
