#pragma once

#include <functional>
#include <vector>

#include "apps/evaluation/methods.h"
#include "apps/evaluation/metrics.h"
#include "apps/evaluation/sample.h"

namespace backlight {

/// What the pictures say of one method.
struct MethodScores {
  Method method;
  std::vector<std::vector<double>> scores;  // by metric, then by picture
  PerturbationCurves curves;                // the mean over the pictures
};

struct Evaluation {
  std::vector<MethodScores> methods;
  double accuracy = 0;                // share of the pictures whose animal has the highest logit
  std::vector<double> animal_shares;  // of each picture's pixels: what an even map scores as energy
};

struct EvaluationOptions {
  int pictures, steps;  // of the deletion and insertion curves
  std::uint64_t seed;   // of the methods that draw lots
  int threads;
};

/// Pictures that go through the network together.
struct SampleBatch {
  std::vector<Sample> samples;
  std::vector<float> images;  // N,3,size,size in grey levels
  std::vector<int> targets;
};
SampleBatch sample_batch(const Samples& samples, std::uint64_t first, int count, int threads);

/// Scores every method on the pictures 0 … pictures − 1 of a world; calls `step` after each of them.
Evaluation evaluate(const Model& model, const Samples& samples, std::span<const Method> methods,
                    const EvaluationOptions& options, const std::function<void()>& step);

}  // namespace backlight
