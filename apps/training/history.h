#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace backlight {

/// One epoch of a training run.
struct EpochRecord {
  int epoch = 0;                                    // from 1
  double rate = 0;                                  // of its last step
  double loss = 0, accuracy = 0;                    // means over its batches, each of before its step
  double held_out_loss = 0, held_out_accuracy = 0;  // after it
  double seconds = 0;                               // of the run so far
};

/// A line of titles and a line per epoch, separated by commas. The numbers lose nothing.
std::string history_to_csv(const std::vector<EpochRecord>& history);
/// Throws Error, which begins with `where`, for text that history_to_csv() did not write.
std::vector<EpochRecord> history_from_csv(const std::string& text, const std::string& where);

/// Loss and accuracy over the epochs, training and held out, as a PNG.
void draw_history(const std::filesystem::path& path, const std::vector<EpochRecord>& history);

}  // namespace backlight
