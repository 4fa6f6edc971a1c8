#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/input/picture_list.h"
#include "apps/model.h"

namespace backlight {

class PictureReport;

/// As many threads as asked for; for 0, one per core.
int worker_threads(int asked);

/// The weight file of that name; where it is empty, the network that Backlight ships.
WeightFile weights_or_shipped(const std::string& path);

/// The options that every command with a network has.
struct CommonOptions {
  std::string weights;
  int threads = 0;  // 0: one per core
  std::string device = "cpu";
  std::string kernel;
  bool strict = false, tune = false, no_fold = false, no_fuse = false;
  bool json = false;

  RunOptions run() const;
  Model model() const;
};

/// Adds --weights, --threads, --device, --kernel, --strict, --tune and --json.
void add_common_options(CLI::App& command, CommonOptions& options);
/// The same, and --no-fold and --no-fuse, for commands that run a Model.
void add_model_options(CLI::App& command, CommonOptions& options);
/// Adds --threads, --device, --kernel, --strict and --tune.
void add_machine_options(CLI::App& command, CommonOptions& options);
/// Adds --no-fold and --no-fuse.
void add_pass_options(CLI::App& command, CommonOptions& options);
/// Adds --threads and --json, for commands that have no network or one of their own.
void add_threads_option(CLI::App& command, int& threads);
void add_json_option(CLI::App& command, bool& json);
/// The photographs that a command is about, and what it does where there are many.
struct PictureOptions {
  std::vector<std::string> given;  // as list_pictures takes them
  bool fail_fast = false, resume = false;
};
/// Adds the photographs and --fail-fast; and --resume, for commands that write files.
void add_pictures(CLI::App& command, PictureOptions& options);
void add_resume(CLI::App& command, PictureOptions& options);

/// The options of a command that sends a class score of each photograph back to its pixels.
struct AttributionOptions {
  CommonOptions common;
  PictureOptions pictures;
  std::string target;  // a class by name or index; empty: each photograph's own best
  std::string rule = "gradient", out;
  std::string objective = "logit", at = "image";
  bool takes_question = false;  // whether the command has options for these two

  Question question() const { return {score_from_text(objective), at}; }
};

/// Adds the photographs, --class, --rule and --out, which it gives back. The common
/// options come after those that the command has of its own.
CLI::Option* add_attribution_options(CLI::App& command, AttributionOptions& options,
                                     const std::string& out_text);

/// Adds --objective and --at.
void add_question(CLI::App& command, AttributionOptions& options);

/// Refuses numbers outside low … high as CLI::Range does, and NaN, which that lets pass.
CLI::Validator between(double low, double high);

/// The class that an option names (Model::class_index). Where that is as well the index of another class,
/// says on standard error which is meant.
int chosen_class(const Model& model, const std::string& option, const std::string& name_or_index);

/// Throws UsageError where a file is called otherwise than what will be in it.
void expect_extension(const std::string& option, const std::filesystem::path& path,
                      const std::vector<std::string>& allowed);

/// Where a command's outputs go, one for each picture.
struct OutputPaths {
  std::vector<std::filesystem::path> paths;
  std::string option;                                // that named them
  std::optional<std::filesystem::path> folder = {};  // in which they lie, if they are not one file

  const std::filesystem::path& operator[](std::size_t i) const { return paths[i]; }
  bool empty() const { return paths.empty(); }
  /// Makes the folder where it is not there: call it when everything else is known to be good. Throws Error.
  void make_folder() const;
};

/// "-" for standard output; OUT itself for one picture; for several, a file in the folder OUT named after
/// each picture. Two pictures of one name get their number added. Throws UsageError where several outputs
/// would go to a file, where the file does not end in one of `allowed` (by default `extension` alone), or
/// where an output is one of the inputs.
OutputPaths output_paths(const PictureList& inputs, const std::filesystem::path& out,
                         const std::string& extension, const std::string& option = "--out",
                         std::vector<std::string> allowed = {});

/// The places of the pictures whose outputs are not all there; without --resume, all. The others are reported
/// as skipped. `outputs` have a path for each of `count` pictures, or none.
std::vector<std::size_t> still_to_do(const PictureOptions& options, std::size_t count,
                                     const std::vector<OutputPaths>& outputs, PictureReport& report);

}  // namespace backlight
