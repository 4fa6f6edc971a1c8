#include "apps/training/minibatch.h"

#include <algorithm>

#include "apps/menagerie/random.h"
#include "engine/parallel.h"

namespace backlight {
namespace {

/// Each row becomes λ·itself + (1 − λ)·the row before it, in a circle.
void mix(std::vector<float>& rows, const std::vector<float>& shares) {
  const std::size_t count = shares.size(), length = rows.size() / count;
  const std::vector<float> before = rows;
  for (std::size_t n = 0; n < count; ++n) {
    const float* other = before.data() + (n + count - 1) % count * length;
    for (std::size_t i = 0; i < length; ++i)
      rows[n * length + i] = shares[n] * rows[n * length + i] + (1 - shares[n]) * other[i];
  }
}

}  // namespace

Minibatch training_batch(const TrainingData& data, const TrainingSettings& settings, int classes,
                         std::size_t epoch, std::size_t first, int threads) {
  const auto count = static_cast<std::size_t>(settings.batch), columns = static_cast<std::size_t>(classes);
  std::vector<Example> examples(count);
  for_each_in_parallel(count, threads, [&](std::size_t n) { examples[n] = data.example(epoch, first + n); });

  Minibatch batch;
  const float rest = static_cast<float>(settings.smoothing) / static_cast<float>(classes);
  batch.targets.assign(count * columns, rest);
  for (std::size_t n = 0; n < count; ++n) {
    batch.images.insert(batch.images.end(), examples[n].pixels.begin(), examples[n].pixels.end());
    batch.targets[n * columns + static_cast<std::size_t>(examples[n].label)] +=
        1 - static_cast<float>(settings.smoothing);
  }

  menagerie::Random random(settings.seed, epoch * data.size() + first, 2);
  if (random.chance(static_cast<float>(settings.mixup))) {
    std::vector<float> shares(count);
    for (float& share : shares) share = random.uniform();
    mix(batch.images, shares);
    mix(batch.targets, shares);
  }
  for (std::size_t n = 0; n < count; ++n) {
    const auto row = batch.targets.begin() + static_cast<std::ptrdiff_t>(n * columns);
    batch.labels.push_back(static_cast<int>(std::max_element(row, row + classes) - row));
  }
  return batch;
}

}  // namespace backlight
