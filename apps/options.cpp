#include "apps/options.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "apps/input/picture_report.h"
#include "apps/range.h"
#include "apps/tuning_cache.h"
#include "engine/error.h"
#include "weights/text.h"

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
  RunOptions options{.device = device_from_name(device),
                     .threads = worker_threads(threads),
                     .kernel = kernel,
                     .strict = strict,
                     .passes = {.fold = !no_fold, .fuse = !no_fuse && !no_fold}};
  (void)KernelChoice(kernel, options.device, strict);  // throws where it is none
  if (tune) {
    if (options.device != Device::cpu)
      throw UsageError("--tune: only --device cpu has kernels to choose from");
    options.tuning = remembered_tuning();
  }
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
  command.add_flag(
      "--strict", options.strict,
      "sum by plain IEEE float32 multiply-adds alone: no Winograd transforms, no products of bf16 parts");
  command.add_flag(
      "--tune", options.tune,
      "time the kernels of each convolution and take the fastest, now and whenever this is given "
      "again");
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

void add_pictures(CLI::App& command, PictureOptions& options) {
  command
      .add_option("images", options.given,
                  "PNG, JPEG or BMP files; a folder of them; @LIST, a file of a path a line; - for standard "
                  "input")
      ->required()
      ->type_name("IMAGE");
  command.add_flag("--fail-fast", options.fail_fast,
                   "end at the first picture that cannot be read, not at the last");
}

void add_resume(CLI::App& command, PictureOptions& options) {
  command.add_flag("--resume", options.resume, "pass over the pictures whose results are there");
}

CLI::Option* add_attribution_options(CLI::App& command, AttributionOptions& options,
                                     const std::string& out_text) {
  add_pictures(command, options.pictures);
  add_resume(command, options.pictures);
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

void add_question(CLI::App& command, AttributionOptions& options) {
  options.takes_question = true;
  command
      .add_option(
          "--objective", options.objective,
          "of what: logit, softmax or cross_entropy of the class, or of any node\n"
          "(backlight info lists them) all, a channel or one value, summed: node:NODE[:CHANNEL[:Y,X]]")
      ->capture_default_str();
  command.add_option("--at", options.at, "the node at whose values the gradient is taken; image: the pixels")
      ->type_name("NODE")
      ->capture_default_str();
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

void expect_extension(const std::string& option, const std::filesystem::path& path,
                      const std::vector<std::string>& allowed) {
  if (std::ranges::find(allowed, path.extension().string()) == allowed.end())
    throw UsageError(option + " " + path.string() + ": the file ends in " + listed(allowed));
}

int chosen_class(const Model& model, const std::string& option, const std::string& name_or_index) {
  const int chosen = model.class_index(name_or_index);
  const std::string index = std::to_string(chosen);
  int other = 0;
  const auto [end, error] =
      std::from_chars(name_or_index.data(), name_or_index.data() + name_or_index.size(), other);
  if (error == std::errc() && end == name_or_index.data() + name_or_index.size() && other != chosen)
    std::cerr << "backlight: " << option << ' ' << printable(name_or_index)
              << ": the class of this name, index " << index << ", is meant; to mean another, give its name"
              << std::endl;
  return chosen;
}

namespace {

/// Which file it is, whatever it is called.
std::optional<std::pair<dev_t, ino_t>> identity(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::pair(status.st_dev, status.st_ino);
}

}  // namespace

void OutputPaths::make_folder() const {
  if (!folder) return;
  std::error_code failure;
  std::filesystem::create_directories(*folder, failure);
  if (failure)
    throw Error(option + " " + folder->string() + ": the folder cannot be made: " + failure.message());
}

OutputPaths output_paths(const PictureList& inputs, const std::filesystem::path& out,
                         const std::string& extension, const std::string& option,
                         std::vector<std::string> allowed) {
  if (allowed.empty()) allowed = {extension};
  const std::string where = option + " " + out.string() + ": ";
  if (out == standard_stream) {
    if (inputs.several) throw UsageError(where + "standard output is for one picture");
    return {{out}, option};
  }
  const bool is_file = out.has_extension() && !std::filesystem::is_directory(out);
  if (is_file && inputs.several)
    throw UsageError("several pictures need a folder: " + option + " FOLDER, not the file " + out.string());
  if (is_file) expect_extension(option, out, allowed);

  OutputPaths result{{}, option};
  std::vector<std::filesystem::path>& paths = result.paths;
  if (is_file)
    paths.push_back(out);
  else
    result.folder = out;
  std::set<std::string> taken;
  std::map<std::string, int> numbers;
  for (std::size_t i = 0; !is_file && i < inputs.paths.size(); ++i) {
    std::string stem = std::filesystem::path(inputs.paths[i]).stem().string();
    if (stem == standard_stream) stem = "standard-input";
    std::string name = stem;
    while (!taken.insert(name).second)
      name = stem + "-" + std::to_string(++numbers.try_emplace(stem, 1).first->second);
    paths.push_back(out / (name + extension));
  }
  std::map<std::pair<dev_t, ino_t>, const std::string*> pictures;
  for (const std::string& input : inputs.paths)
    if (const auto file = identity(input)) pictures[*file] = &input;
  for (const std::filesystem::path& path : paths)
    if (const auto file = identity(path); file && pictures.contains(*file))
      throw UsageError(where + "it would overwrite the picture " + *pictures[*file]);
  return result;
}

std::vector<std::size_t> still_to_do(const PictureOptions& options, std::size_t count,
                                     const std::vector<OutputPaths>& outputs, PictureReport& report) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_there = std::ranges::all_of(outputs, [i](const OutputPaths& paths) {
      std::error_code none;
      return paths.empty() || std::filesystem::is_regular_file(paths[i], none);
    });
    if (options.resume && is_there)
      report.skip();
    else
      places.push_back(i);
  }
  return places;
}

}  // namespace backlight
