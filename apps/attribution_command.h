#pragma once

#include <nlohmann/json.hpp>

#include "apps/attribution.h"
#include "apps/options.h"

namespace backlight {

/// What the commands that send class scores back have in common: which network, photographs, class and rule
/// their options mean, and how they report on each photograph.
class AttributionCommand {
 public:
  /// Throws what loading the network, the class and the photographs throws.
  explicit AttributionCommand(const AttributionOptions& options);

  const Model& model() const { return model_; }
  const Inputs& inputs() const { return inputs_; }

  /// What a command found out about a photograph, for people and as JSON besides the fields that all have.
  struct Finding {
    std::string text;
    nlohmann::json more = nlohmann::json::object();
  };
  /// Calls visit for each photograph, which writes its outputs, the first of them to paths[index]; and prints
  /// a line for each, or JSON.
  void run(const std::vector<std::filesystem::path>& paths,
           const std::function<Finding(const Attribution&)>& visit) const;

 private:
  const AttributionOptions& options_;
  ReluRule rule_;
  Model model_;
  int target_;
  Inputs inputs_;
};

}  // namespace backlight
