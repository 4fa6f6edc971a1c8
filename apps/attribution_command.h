#pragma once

#include <nlohmann/json.hpp>

#include "apps/attribution.h"
#include "apps/input/picture_list.h"
#include "apps/options.h"

namespace backlight {

/// What the commands that send class scores back have in common: which network, photographs, class and rule
/// their options mean, and how they report on each photograph.
class AttributionCommand {
 public:
  /// Throws what listing the photographs and loading the network and the class throws.
  explicit AttributionCommand(const AttributionOptions& options);

  const Model& model() const { return model_; }
  const PictureList& list() const { return list_; }
  const Question& question() const { return question_; }
  /// Of what the gradient is taken at, for one photograph.
  const Shape& shape() const { return model_.graph().value(model_.graph().at(question_.at)).shape; }
  /// "dog (73.1 %, logit 9.84)", and what the objective is where it is not that logit.
  std::string text(const Attribution& attribution) const;

  /// What a command found out about a photograph, for people and as JSON besides the fields that all have.
  struct Finding {
    std::string text;
    nlohmann::json more = nlohmann::json::object();
  };
  /// What the network saw of a photograph.
  struct Seen {
    const Image& picture;
    const Framing& framing;
  };
  /// Calls visit for each photograph (Attribution::index is its place among all), which writes its outputs,
  /// paths[index] and, where there are `others`, others[index]; and reports on each.
  void run(const OutputPaths& paths, const OutputPaths& others,
           const std::function<Finding(const Attribution&, const Seen&)>& visit) const;
  /// The largest of all photographs' scales: one more run, which reports nothing. Throws UsageError where one
  /// of them comes from standard input.
  double shared_scale(const std::function<double(const Attribution&)>& scale_of) const;

 private:
  const AttributionOptions& options_;
  PictureList list_;
  ReluRule rule_;
  Question question_;
  Model model_;
  int target_;
};

}  // namespace backlight
