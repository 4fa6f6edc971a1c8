#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// One session that takes any number of images, a batch at a time, as often as one likes. An image's numbers
/// do not depend on which others are in its batch.
class Runner {
 public:
  /// Writes the gradient at one image's logits. `seed` comes as zeros.
  using Seed = std::function<void(std::size_t image, std::span<const float> logits, std::span<float> seed)>;

  /// Takes one image's logits and, where a seed was sent back, its gradient at the pixels (3,size,size, per
  /// grey level; else empty).
  using Visit =
      std::function<void(std::size_t image, std::span<const float> logits, std::span<const float> gradient)>;

  struct Result {
    std::vector<float> logits;     // N × classes
    std::vector<float> gradients;  // N,3,size,size: per grey level; empty without a seed
  };

  static constexpr std::size_t most_at_once = 16;

  /// For `images` at a time, but at most most_at_once. With a rule it can send a gradient back.
  Runner(const Model& model, std::size_t images, std::optional<ReluRule> rule = {});

  /// `images` are N,3,size,size in grey levels. With a seed, the gradient at their logits is sent back. Each
  /// is visited, in order, as soon as its batch is through.
  void for_each(std::span<const float> images, const Seed& seed, const Visit& visit);
  /// The same, all at the end.
  Result run(std::span<const float> images, const Seed& seed = {});

 private:
  std::size_t batch_, image_elements_, classes_;
  std::unique_ptr<Session> session_;
};

/// A seed of 1 at each image's own class and 0 elsewhere: the gradient of that logit. Refers to `classes`.
Runner::Seed one_hot(std::span<const int> classes);

}  // namespace backlight
