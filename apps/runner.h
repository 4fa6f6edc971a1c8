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
  /// Writes the gradient at what the question starts from, by default one image's logits: `values`. `seed`
  /// comes as zeros.
  using Seed = std::function<void(std::size_t image, std::span<const float> values, std::span<float> seed)>;

  /// Takes one image's logits and, where a seed was sent back, its gradient at what the question asks for, by
  /// default the pixels (3,size,size, per grey level); else empty.
  using Visit =
      std::function<void(std::size_t image, std::span<const float> logits, std::span<const float> gradient)>;

  struct Result {
    std::vector<float> logits;     // N × classes
    std::vector<float> gradients;  // N,3,size,size: per grey level; empty without a seed
  };

  static constexpr std::size_t most_at_once = 16;

  /// For `images` at a time, but at most most_at_once. With a rule it can send a gradient back.
  Runner(const Model& model, std::size_t images, std::optional<ReluRule> rule = {}, Question question = {});

  const ExplainedScore& objective() const { return question_.objective; }
  /// Of what `values` and the seed are, and of the gradient.
  const Shape& objective_shape() const { return session_->graph().value(from_).shape; }
  const Shape& gradient_shape() const { return session_->graph().value(at_).shape; }

  /// `images` are N,3,size,size in grey levels. With a seed, the gradient is sent back. Each
  /// is visited, in order, as soon as its batch is through.
  void for_each(std::span<const float> images, const Seed& seed, const Visit& visit);
  /// The same, all at the end.
  Result run(std::span<const float> images, const Seed& seed = {});

 private:
  std::size_t batch_, image_elements_, classes_;
  Question question_;
  std::unique_ptr<Session> session_;
  ValueId from_ = 0, at_ = 0;
};

/// A seed of 1 at each image's own class and 0 elsewhere: the gradient of that logit. Refers to `classes`.
Runner::Seed one_hot(std::span<const int> classes);

}  // namespace backlight
