#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "apps/training/training.h"
#include "engine/error.h"
#include "engine/whole_file.h"

namespace backlight {
namespace {

struct Options {
  TrainingSettings settings;
  std::string optimizer = "sgd", out = "trained.h5", resume;
  int threads = 0;
  bool json = false, overwrite = false;
  std::string command;
};

volatile std::sig_atomic_t interrupted = 0;
void interrupt(int) { interrupted = 1; }

/// Ctrl-C asks the run to stop after its step, as long as one of these lives; a second one ends the program
/// at once.
class Interruptible {
 public:
  Interruptible() {
    struct sigaction action {};
    action.sa_handler = interrupt;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &action, &before_[0]);
    sigaction(SIGTERM, &action, &before_[1]);
  }
  ~Interruptible() {
    sigaction(SIGINT, &before_[0], nullptr);
    sigaction(SIGTERM, &before_[1], nullptr);
  }

 private:
  struct sigaction before_[2];
};

/// What was typed, as the weight file is to say.
std::string command_line(const CLI::App& command) {
  std::string text = "backlight " + command.get_name();
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0) continue;
    if (!option->get_positional()) text += " " + option->get_name();
    if (option->get_expected_max() > 0)
      for (const std::string& value : option->results())
        text += value.find(' ') == std::string::npos ? " " + value : " '" + value + "'";
  }
  return text;
}

/// A run that goes on has its settings in its checkpoint.
void refuse_settings(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (const std::string name = option->get_name();
        option->count() && name != "--resume" && name != "--threads" && name != "--json")
      throw UsageError("--resume goes on with the settings of the run: " + name + " cannot be given");
}

Training start(const Options& options, int threads) {
  if (!options.resume.empty()) return Training::resumed(options.resume, threads);
  TrainingSettings settings = options.settings;
  settings.optimizer.method = optimizer_from_name(options.optimizer);
  expect_extension("--out", options.out, {".h5"});
  const TrainingFiles files(options.out);
  if (!options.overwrite && std::filesystem::exists(files.checkpoint))
    throw UsageError("there is a checkpoint of an unfinished run: --resume " + files.checkpoint.string() +
                     " goes on with it, --overwrite starts anew");
  if (!settings.data.empty()) settings.data = std::filesystem::absolute(settings.data).string();
  check(settings, "train");
  return Training(settings, options.out, options.command, threads);
}

void run(const Options& options, int& status) {
  const int threads = worker_threads(options.threads);
  Training training = start(options, threads);
  const TrainingFiles& files = training.files();
  expect_writable(files.weights);  // find out before, not after, the work of an hour
  if (!options.json)
    std::printf(
        "%s, %zu classes, %zu pictures in an epoch, %zu held out; epochs: %d, a checkpoint after each: %s\n",
        training.settings().architecture.c_str(), training.data().classes.size(),
        training.data().training->size(), training.data().held_out->size(), training.settings().epochs,
        files.checkpoint.c_str());
  std::fflush(stdout);
  const Interruptible interruptible;
  const bool done = training.run(
      {.epoch =
           [&](const EpochRecord& e) {
             if (options.json) return;
             std::printf(
                 "epoch %2d: loss %.4f, accuracy %5.2f %%; held out: loss %.4f, accuracy %5.2f %%; %.0f s\n",
                 e.epoch, e.loss, 100 * e.accuracy, e.held_out_loss, 100 * e.held_out_accuracy, e.seconds);
             std::fflush(stdout);
           },
       .stop = [] { return interrupted != 0; }});
  if (!done) {
    std::fprintf(stderr, "interrupted; go on with: backlight train --resume %s\n", files.checkpoint.c_str());
    status = ExitStatus::interrupted;
    return;
  }
  const Score score = training.finish();
  const double accuracy = static_cast<double>(score.correct) / static_cast<double>(score.pictures);
  if (options.json)
    print_json({{"weights", files.weights.string()},
                {"history", files.history.string()},
                {"plot", files.plot.string()},
                {"classes", training.data().classes},
                {"training_pictures", training.data().training->size()},
                {"held_out_pictures", score.pictures},
                {"held_out_correct", score.correct},
                {"held_out_accuracy", accuracy}});
  else
    std::printf("held out: %lld of %lld right (%.2f %%) -> %s, %s, %s\n",
                static_cast<long long>(score.correct), static_cast<long long>(score.pictures), 100 * accuracy,
                files.weights.c_str(), files.history.c_str(), files.plot.c_str());
}

}  // namespace

void add_train(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  TrainingSettings& s = options->settings;
  CLI::App* command = app.add_subcommand("train", "Train a network on Menagerie, or on a folder of pictures");
  command->footer(
      "FOLDER has one subfolder of PNG, JPEG or BMP files per class, or is one that backlight menagerie "
      "made. Without it the network learns from "
      "Menagerie, whose\n"
      "pictures are drawn as they are needed. Beside OUT.h5 stand OUT.history.csv, OUT.history.png and, "
      "until the run is "
      "done,\nOUT.checkpoint.h5. The same settings give the same weights, bit for bit, also after an "
      "interruption.\n"
      "Every architecture of the project can be trained; a VGG is trained without its dropout.\n\n"
      "Examples: backlight train --out animals.h5\n"
      "          backlight train flowers --architecture resnet18 --input-size 64 --epochs 30 --out "
      "flowers.h5\n"
      "          backlight train --resume flowers.checkpoint.h5");
  command->add_option("--resume", options->resume, "go on with an interrupted run")
      ->type_name("CHECKPOINT.h5");
  const auto option = [&](const char* name, auto& field, const char* text) {
    return command->add_option(name, field, text)->capture_default_str();
  };
  const auto number = [&](const std::string& name, auto& field, const char* text) {
    std::string setting = name.substr(2);
    std::ranges::replace(setting, '-', '_');
    const SettingRange range = setting_range(setting);
    return option(name.c_str(), field, text)->check(between(range.low, range.high));
  };
  CLI::Option* folder = option("folder", s.data, "pictures, one subfolder per class; without: Menagerie");
  folder->type_name("FOLDER");
  option("--out,-o", options->out, "where the weights go")->type_name("OUT.h5");
  option("--architecture,-a", s.architecture, "any of the project's networks");
  number("--input-size", s.input_size, "side of the square that the network sees");
  number("--epochs", s.epochs, "how often all pictures are seen");
  number("--batch", s.batch, "pictures in a step");
  number("--pictures", s.pictures, "of Menagerie in an epoch, new ones in each")->excludes(folder);
  number("--held-out", s.held_out, "of Menagerie, scored after each epoch")->excludes(folder);
  number("--final-test", s.final_test, "of Menagerie, scored at the end")->excludes(folder);
  number("--hold-out", s.hold_out, "the share of a folder's pictures that is held out")->needs(folder);
  option("--optimizer", options->optimizer, "sgd (with momentum) or adamw");
  number("--rate", s.rate, "the highest learning rate");
  number("--warmup", s.warmup, "the share of the steps in which the rate rises to it; then half a cosine");
  number("--momentum", s.optimizer.momentum, "of sgd");
  number("--weight-decay", s.optimizer.weight_decay, "of all parameters");
  number("--mixup", s.mixup, "the share of batches whose pictures are mixed (Zhang et al. 2017)");
  number("--smoothing", s.smoothing, "of the labels (Szegedy et al. 2015)");
  option("--seed", s.seed, "of weights, pictures, order and augmentation");
  command->add_flag("--overwrite", options->overwrite, "start anew where there is a checkpoint");
  add_threads_option(*command, options->threads);
  add_json_option(*command, options->json);
  command->callback([options, command, &status] {
    if (!options->resume.empty()) refuse_settings(*command);
    options->command = command_line(*command);
    run(*options, status);
  });
}

}  // namespace backlight
