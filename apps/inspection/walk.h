#pragma once

#include <memory>
#include <span>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// One picture's walk through a network, there and back by one rule, with every value and every gradient
/// kept. The model must not be folded (PassOptions), or nodes are missing.
class Walk {
 public:
  Walk(const Model& model, ReluRule rule, const ExplainedScore& objective = {});

  /// `image`: 3,size,size in grey levels. `target`: a class, or below 0 for the picture's own best.
  void run(std::span<const float> image, int target);

  const Graph& graph() const { return session_->graph(); }
  int target() const { return target_; }
  const std::vector<float>& logits() const { return logits_; }
  double objective() const { return objective_value_; }

  /// Row-major C,H,W. T is float or double, whatever the model's precision.
  template <class T = float>
  std::vector<T> value(ValueId id) const {
    return session_->value<T>(graph().value(id).name);
  }
  /// Of the objective at that value; empty where none gets there.
  template <class T = float>
  std::vector<T> gradient(ValueId id) const {
    if (!session_->required_differentiation().reaches(graph(), id)) return {};
    return session_->gradient<T>(graph().value(id).name);
  }

 private:
  ExplainedScore objective_;
  std::unique_ptr<Session> session_;
  int target_ = 0;
  std::vector<float> logits_;
  double objective_value_ = 0;
};

}  // namespace backlight
