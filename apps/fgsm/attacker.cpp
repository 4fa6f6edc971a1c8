#include "apps/fgsm/attacker.h"

namespace backlight {

Attacker::Attacker(const Model& model, int label, int target, Runner& backward, Runner& forward,
                   std::span<const float> images)
    : model_(model), target_(target), forward_(forward), images_(images) {
  const auto seed = [&](std::size_t i, std::span<const float> logits, std::span<float> at_logits) {
    labels_.push_back(label >= 0 ? label : argmax(logits));
    before_.push_back(prediction(i, logits));
    cross_entropy_seed(logits, target >= 0 ? target : labels_[i], at_logits);
  };
  gradients_ = backward.run(images, seed).gradients;
}

std::vector<float> Attacker::moved(const Trial& trial) const {
  return perturbed(image(trial.image), of(gradients_, trial.image),
                   target_ >= 0 ? -trial.epsilon : trial.epsilon);
}

std::vector<Prediction> Attacker::predictions(const std::vector<Trial>& trials,
                                              std::span<const float> pictures) {
  const std::vector<float> logits = forward_.run(pictures).logits;
  const auto classes = static_cast<std::size_t>(model_.classes());
  std::vector<Prediction> result;
  for (std::size_t t = 0; t < trials.size(); ++t)
    result.push_back(prediction(trials[t].image, std::span(logits).subspan(t * classes, classes)));
  return result;
}

std::vector<Prediction> Attacker::predictions(const std::vector<Trial>& trials) {
  std::vector<float> pictures;
  for (const Trial& trial : trials) {
    const std::vector<float> picture = moved(trial);
    pictures.insert(pictures.end(), picture.begin(), picture.end());
  }
  return predictions(trials, pictures);
}

std::vector<Trial> Attacker::search(double resolution) {
  std::vector<std::size_t> open;  // not fooled as they are
  for (std::size_t i = 0; i < count(); ++i)
    if (!before_[i].fooled) open.push_back(i);
  const auto flips = [&](std::vector<Trial> asked) {
    for (Trial& trial : asked) trial.image = open[trial.image];
    std::vector<bool> fooled;
    for (const Prediction& prediction : predictions(asked)) fooled.push_back(prediction.fooled);
    return fooled;
  };
  const auto found = smallest_flips(open.size(), resolution, flips);
  std::vector<Trial> result;
  for (std::size_t i = 0; i < open.size(); ++i)
    if (found[i]) result.push_back({open[i], *found[i]});
  return result;
}

Prediction Attacker::prediction(std::size_t image, std::span<const float> logits) const {
  const std::vector<double> p = softmax(logits);
  const int predicted = argmax(logits), own = labels_[image];
  return {predicted, p[static_cast<std::size_t>(predicted)], p[static_cast<std::size_t>(own)],
          target_ >= 0 ? p[static_cast<std::size_t>(target_)] : 0,
          target_ >= 0 ? predicted == target_ : predicted != own};
}

}  // namespace backlight
