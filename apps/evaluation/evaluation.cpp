#include "apps/evaluation/evaluation.h"

#include <algorithm>
#include <numeric>

#include "apps/runner.h"
#include "engine/parallel.h"

namespace backlight {
namespace {

constexpr int together = 32;  // pictures in memory at a time

void append(std::vector<float>& images, const Image& image) {
  const std::vector<float> chw = to_chw(image);
  images.insert(images.end(), chw.begin(), chw.end());
}

/// Which part of which sample of a batch is taken away.
struct Removal {
  std::size_t sample;
  menagerie::Part part;
};

class Evaluator {
 public:
  Evaluator(const Model& model, const Samples& samples, const EvaluationOptions& options)
      : model_(model), samples_(samples), options_(options), runner_(model, together) {}

  void add(const SampleBatch& batch, Evaluation& result, const std::function<void()>& step) {
    const std::vector<float> logits = runner_.run(batch.images).logits;
    const std::vector<std::vector<PartDrop>> drops = part_drops(batch, logits);
    std::vector<std::vector<std::vector<float>>> maps;  // by method, then by picture
    for (const MethodScores& method : result.methods)
      maps.push_back(method.method.maps({model_, batch.images, batch.targets, options_.seed}));
    for (std::size_t i = 0; i < batch.samples.size(); ++i) {
      const Sample& sample = batch.samples[i];
      result.accuracy += argmax(logits_of(logits, i)) == sample.target;
      result.animal_shares.push_back(std::reduce(sample.animal.begin(), sample.animal.end(), 0.0) /
                                     static_cast<double>(sample.animal.size()));
      std::vector<std::vector<float>> of_picture;
      for (auto& of_method : maps) of_picture.push_back(std::move(of_method[i]));
      const std::vector<PerturbationCurves> curves = perturbation_curves(
          std::span(batch.images).subspan(i * model_.image_elements(), model_.image_elements()),
          model_.input_size(), of_picture, options_.steps,
          [&](std::span<const float> images) { return probabilities(images, sample.target); });
      for_each_in_parallel(of_picture.size(), options_.threads, [&](std::size_t at) {
        judge({of_picture[at], sample, curves[at], drops[i]}, result.methods[at]);
      });
      step();
    }
  }

 private:
  std::span<const float> logits_of(const std::vector<float>& logits, std::size_t i) const {
    const auto classes = static_cast<std::size_t>(model_.classes());
    return std::span(logits).subspan(i * classes, classes);
  }

  std::vector<double> probabilities(std::span<const float> images, int target) {
    const std::vector<float> logits = runner_.run(images).logits;
    std::vector<double> result;
    for (std::size_t i = 0; i < images.size() / model_.image_elements(); ++i)
      result.push_back(softmax(logits_of(logits, i))[static_cast<std::size_t>(target)]);
    return result;
  }

  std::vector<std::vector<PartDrop>> part_drops(const SampleBatch& batch, const std::vector<float>& logits) {
    std::vector<Removal> removals;
    for (std::size_t i = 0; i < batch.samples.size(); ++i)
      for (const menagerie::Part part : visible_parts(batch.samples[i])) removals.push_back({i, part});
    std::vector<Image> pictures(removals.size());
    for_each_in_parallel(removals.size(), options_.threads, [&](std::size_t at) {
      pictures[at] = samples_.without(removals[at].part, batch.samples[removals[at].sample].index);
    });
    std::vector<float> images;
    for (const Image& picture : pictures) append(images, picture);
    const std::vector<float> without = runner_.run(images).logits;
    std::vector<std::vector<PartDrop>> drops(batch.samples.size());
    for (std::size_t at = 0; at < removals.size(); ++at) {
      const std::size_t i = removals[at].sample;
      const auto target = static_cast<std::size_t>(batch.targets[i]);
      drops[i].push_back({removals[at].part, static_cast<double>(logits_of(logits, i)[target]) -
                                                 static_cast<double>(logits_of(without, at)[target])});
    }
    return drops;
  }

  void judge(const Evidence& evidence, MethodScores& method) const {
    for (std::size_t k = 0; k < metrics().size(); ++k)
      method.scores[k].push_back(metrics()[k].score(evidence));
    const auto add_share = [&](const std::vector<double>& curve, std::vector<double>& mean) {
      mean.resize(curve.size());
      for (std::size_t s = 0; s < curve.size(); ++s) mean[s] += curve[s] / options_.pictures;
    };
    add_share(evidence.curves.deletion, method.curves.deletion);
    add_share(evidence.curves.insertion, method.curves.insertion);
  }

  const Model& model_;
  const Samples& samples_;
  const EvaluationOptions& options_;
  Runner runner_;
};

}  // namespace

SampleBatch sample_batch(const Samples& samples, std::uint64_t first, int count, int threads) {
  SampleBatch batch;
  batch.samples.resize(static_cast<std::size_t>(count));
  for_each_in_parallel(batch.samples.size(), threads,
                       [&](std::size_t i) { batch.samples[i] = samples.at(first + i); });
  for (const Sample& sample : batch.samples) {
    append(batch.images, sample.picture);
    batch.targets.push_back(sample.target);
  }
  return batch;
}

Evaluation evaluate(const Model& model, const Samples& samples, std::span<const Method> methods,
                    const EvaluationOptions& options, const std::function<void()>& step) {
  Evaluation result;
  for (const Method& method : methods)
    result.methods.push_back({method, std::vector<std::vector<double>>(metrics().size()), {}});
  Evaluator evaluator(model, samples, options);
  for (int first = 0; first < options.pictures; first += together) {
    const int count = std::min(together, options.pictures - first);
    evaluator.add(sample_batch(samples, static_cast<std::uint64_t>(first), count, options.threads), result,
                  step);
  }
  result.accuracy /= options.pictures;
  return result;
}

}  // namespace backlight
