#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/training/minibatch.h"
#include "engine/optimizer.h"
#include "layers/network.h"

namespace backlight {

/// Sums over pictures.
struct Score {
  double loss = 0;
  std::int64_t correct = 0, pictures = 0;
};

/// A network that learns: batch normalisation in training mode, a loss, and parameters that follow their
/// gradient.
class Trainer {
 public:
  /// Untrained weights (layers/initialize.h). Throws UsageError for an unknown architecture, Error where the
  /// input size does not fit it.
  Trainer(const TrainingSettings& settings, int classes, int threads);

  /// Goes one step against the gradient of the mean loss of the batch. Returns the scores of before the step.
  /// The loss may be NaN or infinite: then the parameters are lost.
  Score step(const Minibatch& batch, double rate);

  /// The network as it will be used, batch normalisation in inference mode, on pictures 0 … count − 1.
  Score score(const TrainingData& data, std::size_t count);

  /// As it will be used, for a batch of one.
  const Graph& network() const { return network_; }
  const std::shared_ptr<Parameters>& parameters() const { return parameters_; }
  Optimizer& optimizer() { return *optimizer_; }

 private:
  TrainingSettings settings_;
  int classes_, threads_;
  Graph network_;
  std::shared_ptr<Parameters> parameters_;
  std::unique_ptr<Session> learning_, judging_;
  std::unique_ptr<Optimizer> optimizer_;
};

/// Colours of Menagerie and of photographs alike are normalised with ImageNet's mean and deviation.
NetworkOptions network_options(const TrainingSettings& settings, int classes);

}  // namespace backlight
