#pragma once

#include <cstdint>
#include <vector>

#include "apps/training/data.h"
#include "apps/training/settings.h"

namespace backlight {

/// Pictures that are learned from together.
struct Minibatch {
  std::vector<float> images;   // N,3,size,size in grey levels
  std::vector<float> targets;  // N,classes: the share of each class
  std::vector<int> labels;     // N: the class with the largest share
};

/// Pictures first … first + batch − 1 of an epoch. With label smoothing s (Szegedy et al. 2015, arXiv
/// 1512.00567, §7) a target is (1 − s)·onehot + s/classes. In a share `mixup` of the batches each picture is
/// mixed with the one before it (mixup: Zhang et al. 2017, arXiv 1710.09412, with α = 1):
///   x = λ·x₁ + (1 − λ)·x₂,   t = λ·t₁ + (1 − λ)·t₂,   one λ, uniform, for each picture
Minibatch training_batch(const TrainingData& data, const TrainingSettings& settings, int classes,
                         std::size_t epoch, std::size_t first, int threads);

}  // namespace backlight
