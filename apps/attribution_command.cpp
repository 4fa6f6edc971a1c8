#include "apps/attribution_command.h"
#include "apps/json_text.h"
#include "weights/text.h"

#include <cstdio>
#include <iostream>

namespace backlight {

AttributionCommand::AttributionCommand(const AttributionOptions& options)
    : options_(options),
      rule_(relu_rule_from_name(options.rule)),
      model_(options.common.model()),
      target_(options.target.empty() ? -1 : model_.class_index(options.target)),
      inputs_(load_inputs(model_, options.images)) {}

void AttributionCommand::run(const std::vector<std::filesystem::path>& paths,
                             const std::function<Finding(const Attribution&)>& visit) const {
  const bool as_json = options_.common.json;
  nlohmann::json results = nlohmann::json::array();
  for_each_attribution(model_, inputs_, rule_, target_, [&](const Attribution& a) {
    if (!as_json && a.index == 0) std::printf("%s\n", model_.describe(rule_).c_str());
    const std::string &image = options_.images[a.index], out = paths[a.index].string();
    const Finding finding = visit(a);
    nlohmann::json result{{"path", image},
                          {"class", {{"index", a.target}, {"name", model_.class_name(a.target)}}},
                          {"logit", a.logit},
                          {"probability", a.probability},
                          {"out", out}};
    result.update(finding.more);
    results.push_back(std::move(result));
    if (!as_json)
      std::printf("%s: %s -> %s\n", printable(image).c_str(), finding.text.c_str(), printable(out).c_str());
  });
  if (as_json) print_json({{"rule", options_.rule}, {"images", std::move(results)}});
}

}  // namespace backlight
