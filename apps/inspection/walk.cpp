#include "apps/inspection/walk.h"

namespace backlight {

Walk::Walk(const Model& model, ReluRule rule, const ExplainedScore& objective)
    : objective_(objective), session_(model.session(1, rule, {objective, "image"}, true)) {}

void Walk::run(std::span<const float> image, int target) {
  session_->set("image", image);
  session_->forward();
  logits_ = value(graph().output());
  target_ = target >= 0 ? target : argmax(logits_);
  const ValueId from = score_value(graph(), objective_);
  const std::vector<float> values = value(from);
  std::vector<float> seed(values.size());
  objective_value_ = start_gradient(objective_, graph().value(from).shape, target_, values, seed);
  session_->backward(std::span<const float>(seed));
}

}  // namespace backlight
