#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/image/image.h"

namespace backlight {

/// A picture to learn from, as the network sees it.
struct Example {
  std::vector<float> pixels;  // 3,size,size in grey levels 0 … 255
  int label = 0;
};

/// Pictures with their classes, an epoch of them at a time.
class TrainingData {
 public:
  virtual ~TrainingData() = default;
  /// Pictures in an epoch.
  virtual std::size_t size() const = 0;
  /// Picture `place`, below size(), of an epoch. The same arguments give the same picture, so that a run can
  /// be resumed anywhere. Safe to call from many threads.
  virtual Example example(std::size_t epoch, std::size_t place) const = 0;
};

/// What a network learns from, and what it never sees while it learns.
struct DataSplit {
  std::vector<std::string> classes;
  std::string fingerprint;  // differs where the pictures do: their names, sizes and classes
  std::int64_t resize = 0;  // of ModelInfo: how a picture is prepared for a network that learned from these
  std::unique_ptr<TrainingData> training, held_out;
};

/// Menagerie, rendered on the fly: `pictures` new ones in every epoch, and `held_out` of another seed.
DataSplit menagerie_data(std::uint64_t seed, std::size_t pictures, std::size_t held_out, int size);

/// A folder with one subfolder per class, of PNG, JPEG and BMP files. All are read at once and kept in
/// memory, the shorter side resized to 8/7 of `size` (as 256 is of 224). Of each class the share `hold_out`
/// is held out, and of the rest every epoch sees all once, in another order and augmented (augment.h). Throws
/// Error where there are not at least two classes of at least two pictures each, where a picture cannot be
/// read, or where memory for them all would exceed 8 GiB.
DataSplit folder_data(const std::filesystem::path& folder, std::uint64_t seed, double hold_out, int size,
                      int threads);

}  // namespace backlight
