#include "apps/runner.h"

#include <algorithm>

namespace backlight {

Runner::Runner(const Model& model, std::size_t images, std::optional<ReluRule> rule, Question question)
    : batch_(std::clamp<std::size_t>(images, 1, most_at_once)),
      image_elements_(model.image_elements()),
      classes_(static_cast<std::size_t>(model.classes())),
      question_(std::move(question)),
      session_(model.session(static_cast<std::int64_t>(batch_), rule, question_)),
      from_(score_value(session_->graph(), question_.objective)),
      at_(session_->graph().at(question_.at)) {
  session_->prepare();  // weights that cannot be read are refused here, before a picture is worked on
}

void Runner::for_each(std::span<const float> images, const Seed& seed, const Visit& visit) {
  const Graph& graph = session_->graph();
  const auto of_one = [&](ValueId id) {
    return static_cast<std::size_t>(graph.value(id).shape.elements()) / batch_;
  };
  const std::size_t all = images.size() / image_elements_, from = of_one(from_), at = of_one(at_);
  std::vector<float> elements(batch_ * image_elements_), seeds(seed ? batch_ * from : 0), gradients;
  for (std::size_t first = 0; first < all; first += batch_) {
    const std::size_t count = std::min(batch_, all - first);  // what follows in the batch is padding
    std::ranges::copy(images.subspan(first * image_elements_, count * image_elements_), elements.begin());
    session_->set("image", std::span<const float>(elements));
    session_->forward();
    const std::vector<float> logits = session_->value<float>(graph.value(graph.output()).name);
    if (seed) {
      const std::vector<float> values =
          from_ == graph.output() ? logits : session_->value<float>(graph.value(from_).name);
      std::ranges::fill(seeds, 0.0f);
      for (std::size_t i = 0; i < count; ++i)
        seed(first + i, std::span(values).subspan(i * from, from), std::span(seeds).subspan(i * from, from));
      session_->backward(std::span<const float>(seeds));
      gradients = session_->gradient<float>(question_.at);
    }
    for (std::size_t i = 0; i < count; ++i)
      visit(first + i, std::span(logits).subspan(i * classes_, classes_),
            seed ? std::span<const float>(gradients).subspan(i * at, at) : std::span<const float>());
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
