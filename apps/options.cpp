#include "apps/options.h"

#include <algorithm>
#include <set>
#include <thread>

#include "apps/range.h"
#include "engine/error.h"

namespace backlight {

int worker_threads(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

WeightFile weights_or_shipped(const std::string& path) {
  return path.empty() ? WeightFile::shipped() : WeightFile(path);
}

Model CommonOptions::model() const {
  const RunOptions options = run();  // before a weight file is read for nothing
  return Model(weights_or_shipped(weights), options);
}

RunOptions CommonOptions::run() const {
  const RunOptions options{.device = device_from_name(device),
                           .threads = worker_threads(threads),
                           .kernel = kernel,
                           .strict = strict,
                           .passes = {.fold = !no_fold, .fuse = !no_fuse && !no_fold}};
  (void)KernelChoice(kernel, options.device, strict);  // throws where it is none
  return options;
}

void add_common_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--weights,-w", options.weights,
                  "weights in Backlight's HDF5 format (weights/convert.py makes them); default: Backlight's "
                  "own network,\n"
                  "which knows a bear, a cat, a dog, a monkey and a rabbit")
      ->type_name("W.h5");
  add_machine_options(command, options);
  add_json_option(command, options.json);
}

void add_model_options(CLI::App& command, CommonOptions& options) {
  add_common_options(command, options);
  add_pass_options(command, options);
}

void add_machine_options(CLI::App& command, CommonOptions& options) {
  add_threads_option(command, options.threads);
  command.add_option("--device", options.device, "cpu, or simt: the CUDA kernels run on the processor");
  command
      .add_option("--kernel", options.kernel,
                  "prefer the implementation of this name, e.g. ref, or one per operation:\n"
                  "conv_forward=ref,relu_backward=vector")
      ->type_name("NAME");
  command.add_flag("--strict", options.strict,
                   "sum by plain IEEE float32 multiply-adds alone: no Winograd transforms");
}

void add_pass_options(CLI::App& command, CommonOptions& options) {
  command.add_flag("--no-fuse", options.no_fuse, "run residual joins and ReLUs as nodes of their own");
  command.add_flag("--no-fold", options.no_fold, "the same, and batch normalisation too");
}

void add_threads_option(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "worker threads; 0: one per core")->check(between(0, 1024));
}

void add_json_option(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "print the result as JSON on standard output");
}

void add_images(CLI::App& command, std::vector<std::string>& images) {
  command.add_option("images", images, "PNG, JPEG or BMP files")->required()->type_name("IMAGE");
}

CLI::Option* add_attribution_options(CLI::App& command, AttributionOptions& options,
                                     const std::string& out_text) {
  add_images(command, options.images);
  command
      .add_option("--class,-c", options.target,
                  "class, by name or index; default: the one with the highest logit")
      ->type_name("NAME|INDEX")
      ->check(CLI::Validator(
          [](const std::string& given) {
            return given.empty() ? std::string("a name or an index is expected, found nothing")
                                 : std::string();
          },
          ""));
  command.add_option("--rule", options.rule, "what every ReLU sends back: gradient, guided or deconvnet")
      ->capture_default_str();
  return command.add_option("--out,-o", options.out, out_text)->capture_default_str();
}

CLI::Validator between(double low, double high) {
  const std::string range = range_text(low, high);
  const auto refusal = [=](const std::string& given) {
    double number = 0;
    const bool good = CLI::detail::lexical_cast(given, number) && number >= low && number <= high;
    return good ? std::string() : given + ": a number from " + range + " is expected";
  };
  return {refusal, range, "between"};
}

namespace {

/// ".h5, .npy or .png".
std::string listed(const std::vector<std::string>& extensions) {
  std::string text;
  for (std::size_t i = 0; i < extensions.size(); ++i)
    text += (i == 0 ? "" : i + 1 == extensions.size() ? " or " : ", ") + extensions[i];
  return text;
}

}  // namespace

std::vector<std::filesystem::path> output_paths(const std::vector<std::string>& inputs,
                                                const std::filesystem::path& out,
                                                const std::string& extension, const std::string& option,
                                                std::vector<std::string> allowed) {
  if (allowed.empty()) allowed = {extension};
  const std::string where = option + " " + out.string() + ": ";
  const bool is_file = out.has_extension() && !std::filesystem::is_directory(out);
  if (is_file && inputs.size() > 1)
    throw UsageError("several pictures need a folder: " + option + " FOLDER, not the file " + out.string());
  if (is_file && std::find(allowed.begin(), allowed.end(), out.extension()) == allowed.end())
    throw UsageError(where + "the file ends in " + listed(allowed));

  std::vector<std::filesystem::path> paths;
  if (is_file) paths.push_back(out);
  std::set<std::string> taken;
  for (std::size_t i = 0; !is_file && i < inputs.size(); ++i) {
    const std::string stem = std::filesystem::path(inputs[i]).stem().string();
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) name = stem + "-" + std::to_string(number);
    paths.push_back(out / (name + extension));
  }
  std::error_code none;
  for (const std::filesystem::path& path : paths)
    for (const std::string& input : inputs)
      if (std::filesystem::equivalent(path, input, none))
        throw UsageError(where + "it would overwrite the picture " + input);
  if (!is_file) {
    std::filesystem::create_directories(out, none);
    if (none) throw Error(where + "the folder cannot be made: " + none.message());
  }
  return paths;
}

}  // namespace backlight
