#include "apps/runner.h"

#include <algorithm>

namespace backlight {

Runner::Runner(const Model& model, std::size_t images, std::optional<ReluRule> rule)
    : batch_(std::clamp<std::size_t>(images, 1, most_at_once)),
      image_elements_(model.image_elements()),
      classes_(static_cast<std::size_t>(model.classes())),
      session_(model.session(static_cast<std::int64_t>(batch_), rule)) {
  session_->prepare();  // weights that cannot be read are refused here, before a picture is worked on
}

void Runner::for_each(std::span<const float> images, const Seed& seed, const Visit& visit) {
  const std::size_t all = images.size() / image_elements_;
  std::vector<float> elements(batch_ * image_elements_), seeds(batch_ * classes_), gradients;
  for (std::size_t first = 0; first < all; first += batch_) {
    const std::size_t count = std::min(batch_, all - first);  // what follows in the batch is padding
    std::ranges::copy(images.subspan(first * image_elements_, count * image_elements_), elements.begin());
    session_->set("image", std::span<const float>(elements));
    session_->forward();
    const std::vector<float> logits =
        session_->value<float>(session_->graph().value(session_->graph().output()).name);
    const auto logits_of = [&](std::size_t i) { return std::span(logits).subspan(i * classes_, classes_); };
    if (seed) {
      std::ranges::fill(seeds, 0.0f);
      for (std::size_t i = 0; i < count; ++i)
        seed(first + i, logits_of(i), std::span(seeds).subspan(i * classes_, classes_));
      session_->backward(std::span<const float>(seeds));
      gradients = session_->gradient<float>("image");
    }
    for (std::size_t i = 0; i < count; ++i)
      visit(first + i, logits_of(i),
            seed ? std::span<const float>(gradients).subspan(i * image_elements_, image_elements_)
                 : std::span<const float>());
  }
}

Runner::Result Runner::run(std::span<const float> images, const Seed& seed) {
  Result result;
  for_each(images, seed, [&](std::size_t, std::span<const float> logits, std::span<const float> gradient) {
    result.logits.insert(result.logits.end(), logits.begin(), logits.end());
    result.gradients.insert(result.gradients.end(), gradient.begin(), gradient.end());
  });
  return result;
}

Runner::Seed one_hot(std::span<const int> classes) {
  return [classes](std::size_t image, std::span<const float>, std::span<float> seed) {
    seed[static_cast<std::size_t>(classes[image])] = 1;
  };
}

}  // namespace backlight
