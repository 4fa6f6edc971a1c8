#include "apps/training/training.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/progress.h"
#include "engine/error.h"
#include "engine/whole_file.h"
#include "weights/checkpoint.h"
#include "weights/finite.h"
#include "weights/weight_file.h"

namespace backlight {
namespace {

DataSplit load_data(const TrainingSettings& s, int threads) {
  if (!s.data.empty()) return folder_data(s.data, s.seed, s.hold_out, s.input_size, threads);
  const auto held_out = static_cast<std::size_t>(std::max(s.held_out, s.final_test));
  return menagerie_data(s.seed, static_cast<std::size_t>(s.pictures), held_out, s.input_size);
}

double mean(double sum, std::int64_t count) {
  return sum / static_cast<double>(std::max<std::int64_t>(1, count));
}

}  // namespace

TrainingFiles::TrainingFiles(const std::filesystem::path& out) : weights(out) {
  const auto beside = [&](const char* ending) {
    return std::filesystem::path(out).replace_extension(ending);
  };
  checkpoint = beside(".checkpoint.h5");
  history = beside(".history.csv");
  plot = beside(".history.png");
}

Training::Training(const TrainingSettings& settings, const std::filesystem::path& out, std::string command,
                   int threads)
    : settings_(settings),
      command_(std::move(command)),
      files_(out),
      threads_(threads),
      data_(load_data(settings, threads)) {
  if (batches() < 1)
    throw Error("an epoch of " + std::to_string(data_.training->size()) + " pictures has no batch of " +
                std::to_string(settings.batch) + ": take a smaller --batch");
  trainer_ = std::make_unique<Trainer>(settings, static_cast<int>(data_.classes.size()), threads);
}

Training Training::resumed(const std::filesystem::path& checkpoint, int threads) {
  const std::string where = checkpoint.string(), ending = ".checkpoint.h5";
  if (!where.ends_with(ending)) throw UsageError(where + ": a checkpoint's name ends in " + ending);
  const CheckpointState state = read_checkpoint_state(checkpoint);
  const TrainingSettings settings = settings_from_json(state.settings, where);
  if (settings.architecture != state.architecture)
    throw Error(where + ": is of the network " + state.architecture + ", but its settings say " +
                settings.architecture);
  Training run(settings, where.substr(0, where.size() - ending.size()) + ".h5", state.command, threads);
  read_checkpoint(checkpoint, run.trainer_->network(), *run.trainer_->parameters(),
                  run.trainer_->optimizer());
  if (state.data != run.data_.fingerprint)
    throw Error(where + ": the pictures in " + settings.data + " are not those that the run learned from");
  const std::int64_t steps = run.trainer_->optimizer().steps(), seen = state.place * settings.batch;
  const auto counts = [&](double sum) {
    return std::isfinite(sum) && sum >= 0 && sum <= static_cast<double>(seen);
  };
  if (state.epoch < 0 || state.epoch > settings.epochs || state.place < 0 || state.place >= run.batches() ||
      steps != state.epoch * run.batches() + state.place || state.sums.size() != 3 ||
      !std::isfinite(state.sums[0]) || !counts(state.sums[1]) || !counts(state.sums[2]))
    throw Error(where + ": says that the run stands where this run has no place");
  run.epoch_ = state.epoch;
  run.batch_ = state.place;
  run.sums_ = {state.sums[0], static_cast<std::int64_t>(state.sums[1]),
               static_cast<std::int64_t>(state.sums[2])};
  run.history_ = history_from_csv(state.history, where);
  return run;
}

std::int64_t Training::batches() const {
  return static_cast<std::int64_t>(data_.training->size()) / settings_.batch;
}

void Training::write_checkpoint_file() const {
  write_checkpoint(
      files_.checkpoint,
      {.settings = to_json(settings_).dump(),
       .data = data_.fingerprint,
       .command = command_,
       .history = history_to_csv(history_),
       .architecture = settings_.architecture,
       .epoch = epoch_,
       .place = batch_,
       .sums = {sums_.loss, static_cast<double>(sums_.correct), static_cast<double>(sums_.pictures)}},
      trainer_->network(), *trainer_->parameters(), trainer_->optimizer());
}

void Training::diverged(const std::string& what, std::int64_t step) const {
  std::string text = what + " in step " + std::to_string(step + 1) + " (epoch " + std::to_string(epoch_ + 1) +
                     "): start anew with a lower --rate than " + std::to_string(settings_.rate);
  if (epoch_ > 0) text += " and --overwrite; " + files_.checkpoint.string() + " is from before it";
  throw Error(text);
}

void Training::expect_finite(double loss, std::int64_t step) const {
  if (!std::isfinite(loss)) diverged("the loss is " + std::to_string(loss), step);
}

void Training::expect_finite_parameters(std::int64_t step) const {
  const Parameters& parameters = *trainer_->parameters();
  for (const std::string& name : parameters.names())
    if (!all_finite(parameters.at(name))) diverged("'" + name + "' is not finite", step);
}

void Training::train_batch(double& rate) {
  const std::int64_t step = epoch_ * batches() + batch_, steps = settings_.epochs * batches();
  rate = scheduled_rate(settings_, step, steps);
  const Minibatch batch = training_batch(*data_.training, settings_, static_cast<int>(data_.classes.size()),
                                         static_cast<std::size_t>(epoch_),
                                         static_cast<std::size_t>(batch_ * settings_.batch), threads_);
  const Score score = trainer_->step(batch, rate);
  expect_finite(score.loss, step);
  sums_.loss += score.loss;
  sums_.correct += score.correct;
  sums_.pictures += score.pictures;
  ++batch_;
}

void Training::write_history() const {
  write_whole_file(files_.history, history_to_csv(history_));
  draw_history(files_.plot, history_);
}

void Training::end_epoch(double rate, const std::function<double()>& seconds, const Watcher& watcher) {
  const std::size_t scored =
      settings_.data.empty() ? static_cast<std::size_t>(settings_.held_out) : data_.held_out->size();
  const Score held_out = trainer_->score(*data_.held_out, scored);
  // A step may spoil what only the next would notice.
  const std::int64_t last_step = (epoch_ + 1) * batches() - 1;
  expect_finite(held_out.loss, last_step);
  expect_finite_parameters(last_step);
  history_.push_back({.epoch = static_cast<int>(epoch_) + 1,
                      .rate = rate,
                      .loss = mean(sums_.loss, sums_.pictures),
                      .accuracy = mean(static_cast<double>(sums_.correct), sums_.pictures),
                      .held_out_loss = mean(held_out.loss, held_out.pictures),
                      .held_out_accuracy = mean(static_cast<double>(held_out.correct), held_out.pictures),
                      .seconds = seconds()});
  ++epoch_;
  batch_ = 0;
  sums_ = {};
  write_checkpoint_file();
  write_history();
  if (watcher.epoch) watcher.epoch(history_.back());
}

bool Training::run(const Watcher& watcher) {
  const auto start = std::chrono::steady_clock::now();
  const double before = history_.empty() ? 0 : history_.back().seconds;
  const auto seconds = [&] {
    return before + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  double rate = 0;
  while (epoch_ < settings_.epochs) {
    {
      Progress progress("", static_cast<int>(settings_.epochs * batches()),
                        static_cast<int>(epoch_ * batches() + batch_));
      while (batch_ < batches()) {
        train_batch(rate);
        char what[96];
        std::snprintf(what, sizeof what, "epoch %d of %d, loss %.4f, accuracy %.1f %%",
                      static_cast<int>(epoch_) + 1, settings_.epochs, mean(sums_.loss, sums_.pictures),
                      100 * mean(static_cast<double>(sums_.correct), sums_.pictures));
        progress.step(what);
        if (batch_ < batches() && watcher.stop && watcher.stop()) {
          write_checkpoint_file();
          return false;
        }
      }
    }  // the bar is gone before the epoch's line
    end_epoch(rate, seconds, watcher);
    if (epoch_ < settings_.epochs && watcher.stop && watcher.stop()) return false;
  }
  return true;
}

Score Training::finish() {
  write_history();  // it may be missing where the run was stopped after its last checkpoint
  const std::size_t scored =
      settings_.data.empty() ? static_cast<std::size_t>(settings_.final_test) : data_.held_out->size();
  const Score score = trainer_->score(*data_.held_out, scored);
  const Normalization normalization = *network_options(settings_, 1).normalization;
  const nlohmann::json record{{"command", command_},
                              {"settings", to_json(settings_)},
                              {"held_out_pictures", score.pictures},
                              {"held_out_correct", score.correct},
                              {"held_out_accuracy", mean(static_cast<double>(score.correct), score.pictures)},
                              {"seconds", history_.empty() ? 0 : history_.back().seconds},
                              {"history", history_to_csv(history_)}};
  write_weights(
      files_.weights,
      {.architecture = settings_.architecture,
       .classes = data_.classes,
       .input_size = settings_.input_size,
       .resize = data_.resize,
       .mean = normalization.mean,
       .std = normalization.std,
       .source = settings_.data.empty() ? "trained on Menagerie" : "trained on pictures of a folder",
       .source_sha256 = "",
       .license = settings_.data.empty() ? "as Backlight's own" : "unstated",
       .producer = "backlight train",
       .training = record.dump()},
      trainer_->network(), *trainer_->parameters());
  std::error_code gone_already;
  std::filesystem::remove(files_.checkpoint, gone_already);
  return score;
}

}  // namespace backlight
