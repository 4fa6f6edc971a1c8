#pragma once

#include <span>
#include <vector>

#include "apps/fgsm/attack.h"
#include "apps/runner.h"

namespace backlight {

/// What the network makes of a picture.
struct Prediction {
  int predicted = 0;
  double probability = 0;  // of the class that is predicted
  double own = 0;          // of the label
  double aim = 0;          // of the target, where there is one
  bool fooled = false;     // another class than the label, or the target where there is one
};

/// Inputs that are attacked together: the gradient of each, once, then pictures of any ε.
class Attacker {
 public:
  /// `label` or `target` below 0: each picture's own best class, or no target. `backward` is a runner of
  /// ReluRule::gradient. `images` are N,3,size,size in grey levels; they, the model and `forward` must
  /// outlive the object.
  Attacker(const Model& model, int label, int target, Runner& backward, Runner& forward,
           std::span<const float> images);

  std::size_t count() const { return labels_.size(); }
  int target() const { return target_; }
  int label(std::size_t image) const { return labels_[image]; }
  const Prediction& before(std::size_t image) const { return before_[image]; }
  std::span<const float> image(std::size_t i) const { return of(images_, i); }

  /// Away from the label, or towards the target.
  std::vector<float> moved(const Trial& trial) const;
  /// What the network makes of pictures, one for each trial, in order.
  std::vector<Prediction> predictions(const std::vector<Trial>& trials, std::span<const float> pictures);
  std::vector<Prediction> predictions(const std::vector<Trial>& trials);
  /// The smallest ε found that fools the network, of each image that has one (smallest_flips). Images that
  /// fool it as they are have none.
  std::vector<Trial> search(double resolution);

 private:
  std::span<const float> of(std::span<const float> all, std::size_t i) const {
    return all.subspan(i * model_.image_elements(), model_.image_elements());
  }
  Prediction prediction(std::size_t image, std::span<const float> logits) const;

  const Model& model_;
  int target_;
  Runner& forward_;
  std::span<const float> images_;
  std::vector<float> gradients_;
  std::vector<int> labels_;
  std::vector<Prediction> before_;
};

}  // namespace backlight
