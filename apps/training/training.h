#pragma once

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/training/history.h"
#include "apps/training/trainer.h"

namespace backlight {

/// The files that a run writes, beside each other: W.h5 at the end, and W.checkpoint.h5, W.history.csv and
/// W.history.png after each epoch.
struct TrainingFiles {
  std::filesystem::path weights, checkpoint, history, plot;
  explicit TrainingFiles(const std::filesystem::path& out);
};

/// One run, from untrained weights or from a checkpoint to the end.
class Training {
 public:
  /// A new run. `command` is what the weights will say they were made by.
  Training(const TrainingSettings& settings, const std::filesystem::path& out, std::string command,
           int threads);
  /// Goes on with the run whose checkpoint that is. Throws Error where it does not belong to its data or its
  /// network.
  static Training resumed(const std::filesystem::path& checkpoint, int threads);

  struct Watcher {
    std::function<void(const EpochRecord&)> epoch = {};  // after each
    std::function<bool()> stop = {};                     // asked after each step
  };
  /// Trains to the end, with a progress bar. Returns false where `stop` said so: then the checkpoint is of
  /// that very step. Throws Error where the loss or a parameter is not finite.
  bool run(const Watcher& watcher);

  /// After the run: scores what it never saw (Menagerie: `final_test` pictures of another seed) and writes
  /// the weights, with the command and the history in them. The checkpoint goes.
  Score finish();

  const TrainingSettings& settings() const { return settings_; }
  const DataSplit& data() const { return data_; }
  const TrainingFiles& files() const { return files_; }
  const std::vector<EpochRecord>& history() const { return history_; }
  Trainer& trainer() { return *trainer_; }

 private:
  std::int64_t batches() const;  // in an epoch
  void train_batch(double& rate);
  [[noreturn]] void diverged(const std::string& what, std::int64_t step) const;
  void expect_finite(double loss, std::int64_t step) const;
  void expect_finite_parameters(std::int64_t step) const;
  void end_epoch(double rate, const std::function<double()>& seconds, const Watcher& watcher);
  void write_history() const;
  void write_checkpoint_file() const;

  TrainingSettings settings_;
  std::string command_;
  TrainingFiles files_;
  int threads_;
  DataSplit data_;
  std::unique_ptr<Trainer> trainer_;
  std::int64_t epoch_ = 0, batch_ = 0;  // the next
  Score sums_;                          // of the epoch so far
  std::vector<EpochRecord> history_;
};

}  // namespace backlight
