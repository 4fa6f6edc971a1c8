#pragma once

#include <CLI/CLI.hpp>

namespace backlight {

/// What the process ends with. 1 is bad data, 2 bad usage; `verify` ends with `differs`, `train` with
/// `interrupted`.
struct ExitStatus {
  static constexpr int ok = 0, bad_data = 1, usage = 2, differs = 3, interrupted = 130;
};

// One per subcommand, each in the file of its name: adds it, and what runs when it is called. `status` is
// where the command says how the process is to end, if not with 0.
void add_demo(CLI::App& app);
void add_classify(CLI::App& app);
void add_gradient(CLI::App& app);
void add_saliency(CLI::App& app);
void add_inspect(CLI::App& app);
void add_microscope(CLI::App& app);
void add_localize(CLI::App& app);
void add_class_image(CLI::App& app);
void add_fgsm(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_verify(CLI::App& app, int& status);
void add_dump(CLI::App& app);
void add_info(CLI::App& app);
void add_menagerie(CLI::App& app);
void add_profile(CLI::App& app);
void add_train(CLI::App& app, int& status);

}  // namespace backlight
