#include "apps/training/trainer.h"

#include <algorithm>

#include "apps/model.h"
#include "engine/parallel.h"
#include "kernels/log_sum_exp.h"
#include "layers/initialize.h"

namespace backlight {
namespace {

std::string output_name(const Graph& graph) { return graph.value(graph.output()).name; }

/// log Σ exp(x) − x[label].
double cross_entropy(std::span<const float> logits, int label) {
  std::vector<double> terms(logits.begin(), logits.end());
  return log_sum_exp(std::span(terms)) - static_cast<double>(logits[static_cast<std::size_t>(label)]);
}

std::int64_t count_correct(const std::vector<float>& logits, const std::vector<int>& labels,
                           std::size_t pictures) {
  const std::size_t classes = logits.size() / labels.size();
  std::int64_t correct = 0;
  for (std::size_t n = 0; n < pictures; ++n)
    correct += argmax(std::span(logits).subspan(n * classes, classes)) == labels[n];
  return correct;
}

}  // namespace

NetworkOptions network_options(const TrainingSettings& settings, int classes) {
  return {.input_size = settings.input_size, .classes = classes};
}

Trainer::Trainer(const TrainingSettings& settings, int classes, int threads)
    : settings_(settings), classes_(classes), threads_(threads) {
  NetworkOptions options = network_options(settings, classes);
  network_ = build_network(settings.architecture, options);
  parameters_ = std::make_shared<Parameters>(initialize(network_, settings.seed));
  options.batch = settings.batch;
  Graph judging = build_network(settings.architecture, options);
  options.batchnorm = BatchNorm::Mode::training;
  Graph learning = build_network(settings.architecture, options);
  const std::string logits = output_name(learning);
  add_loss(learning);
  Differentiation back = differentiate(learning, learning.output(), {}, ReluRule::gradient, true);
  optimizer_ = std::make_unique<Optimizer>(learning, parameters_, settings.optimizer);
  learning_ = std::make_unique<Session>(std::move(learning), parameters_, std::move(back),
                                        SessionOptions{.threads = threads, .keep = {logits}});
  judging_ = std::make_unique<Session>(std::move(judging), parameters_, std::nullopt,
                                       SessionOptions{.threads = threads});
}

Score Trainer::step(const Minibatch& batch, double rate) {
  learning_->set("image", std::span(batch.images));
  learning_->set("target", std::span(batch.targets));
  learning_->forward();
  const std::vector<float> seed(batch.labels.size(), 1 / static_cast<float>(batch.labels.size()));
  learning_->backward(std::span(seed));
  optimizer_->step(*learning_, rate);

  Score score{.pictures = std::ssize(batch.labels)};
  for (const float loss : learning_->value<float>("loss")) score.loss += static_cast<double>(loss);
  score.correct =
      count_correct(learning_->value<float>(output_name(network_)), batch.labels, batch.labels.size());
  return score;
}

Score Trainer::score(const TrainingData& data, std::size_t count) {
  const auto batch = static_cast<std::size_t>(settings_.batch);
  Score score;
  for (std::size_t first = 0; first < count; first += batch) {
    const std::size_t pictures = std::min(batch, count - first);
    std::vector<Example> examples(batch);  // what follows the last picture is padding
    for_each_in_parallel(pictures, threads_,
                         [&](std::size_t n) { examples[n] = data.example(0, first + n); });
    std::vector<float> images;
    std::vector<int> labels;
    for (Example& example : examples) {
      example.pixels.resize(examples[0].pixels.size());
      images.insert(images.end(), example.pixels.begin(), example.pixels.end());
      labels.push_back(example.label);
    }
    judging_->set("image", std::span<const float>(images));
    judging_->forward();
    const std::vector<float> logits = judging_->value<float>(output_name(network_));
    const auto classes = static_cast<std::size_t>(classes_);
    for (std::size_t n = 0; n < pictures; ++n)
      score.loss += cross_entropy(std::span(logits).subspan(n * classes, classes), labels[n]);
    score.correct += count_correct(logits, labels, pictures);
    score.pictures += static_cast<std::int64_t>(pictures);
  }
  return score;
}

}  // namespace backlight
