#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "apps/model.h"

namespace backlight {

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
  bool strict = false, no_fold = false, no_fuse = false;
  bool json = false;

  RunOptions run() const;
  Model model() const;
};

/// Adds --weights, --threads, --device, --kernel, --strict and --json.
void add_common_options(CLI::App& command, CommonOptions& options);
/// The same, and --no-fold and --no-fuse, for commands that run a Model.
void add_model_options(CLI::App& command, CommonOptions& options);
/// Adds --threads, --device, --kernel and --strict.
void add_machine_options(CLI::App& command, CommonOptions& options);
/// Adds --no-fold and --no-fuse.
void add_pass_options(CLI::App& command, CommonOptions& options);
/// Adds --threads and --json, for commands that have no network or one of their own.
void add_threads_option(CLI::App& command, int& threads);
void add_json_option(CLI::App& command, bool& json);
/// Adds the photographs that a command is about: one or more files.
void add_images(CLI::App& command, std::vector<std::string>& images);

/// The options of a command that sends a class score of each photograph back to its pixels.
struct AttributionOptions {
  CommonOptions common;
  std::vector<std::string> images;
  std::string target;  // a class by name or index; empty: each photograph's own best
  std::string rule = "gradient", out;
};

/// Adds the photographs, --class, --rule and --out, which it gives back. The common options come after those
/// that the command has of its own.
CLI::Option* add_attribution_options(CLI::App& command, AttributionOptions& options,
                                     const std::string& out_text);

/// Refuses numbers outside low … high as CLI::Range does, and NaN, which that lets pass.
CLI::Validator between(double low, double high);

/// OUT itself for one picture; for several, a file in the folder OUT named after each picture. Two pictures
/// of one name get their number added. The folder is made: call it when everything else is known to be good.
/// Throws UsageError where several outputs would go to a file, where the file does not end in one of
/// `allowed` (by default `extension` alone), or where an output is one of the inputs.
std::vector<std::filesystem::path> output_paths(const std::vector<std::string>& inputs,
                                                const std::filesystem::path& out,
                                                const std::string& extension,
                                                const std::string& option = "--out",
                                                std::vector<std::string> allowed = {});

}  // namespace backlight
