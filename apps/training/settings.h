#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/optimizer.h"

namespace backlight {

/// All that decides what a training run makes: the same settings give the same bits, whatever the number of
/// threads.
struct TrainingSettings {
  std::string data;  // a folder; empty: Menagerie
  std::string architecture = "custom_cnn";
  int input_size = 128;
  int epochs = 12, batch = 32;
  int pictures = 8000;    // of Menagerie in an epoch
  int held_out = 1000;    // of Menagerie, scored after each epoch
  int final_test = 5000;  // of Menagerie, scored at the end
  double hold_out = 0.1;  // of a folder
  OptimizerOptions optimizer{.method = OptimizerOptions::Method::sgd, .weight_decay = 5e-4};
  double rate = 0.1, warmup = 0.05;  // highest learning rate, and the share of the steps that rise to it
  double mixup = 0;                  // the share of batches whose pictures are mixed
  double smoothing = 0;              // of the labels
  std::uint64_t seed = 1;
};

nlohmann::json to_json(const TrainingSettings& settings);
/// Throws Error, which begins with `where`, for text that to_json() did not write, or settings that check()
/// refuses.
TrainingSettings settings_from_json(const std::string& text, const std::string& where);

/// What a setting may be, on the command line as in a checkpoint; both ends are allowed.
struct SettingRange {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
};

/// The range of the setting that to_json() writes under `name`. Throws std::out_of_range for any other name.
SettingRange setting_range(const std::string& name);

/// Throws Error, which begins with `where`, for a setting out of its range.
void check(const TrainingSettings& settings, const std::string& where);

/// The learning rate of a step, 0 … steps − 1: a straight line up to `rate` during the first `warmup` of the
/// steps, then half a cosine down to 0 (Loshchilov & Hutter 2016, arXiv 1608.03983, without restarts).
double scheduled_rate(const TrainingSettings& settings, std::int64_t step, std::int64_t steps);

}  // namespace backlight
