#include "apps/attribution_command.h"

#include "apps/input/picture_report.h"
#include "apps/input/picture_stream.h"
#include "weights/text.h"

namespace backlight {

AttributionCommand::AttributionCommand(const AttributionOptions& options)
    : options_(options),
      list_(list_pictures(options.pictures.given)),
      rule_(relu_rule_from_name(options.rule)),
      model_(options.common.model()),
      target_(options.target.empty() ? -1 : chosen_class(model_, "--class", options.target)) {}

void AttributionCommand::run(const OutputPaths& paths, const OutputPaths& others,
                             const std::function<Finding(const Attribution&, const Seen&)>& visit) const {
  PictureReport report(list_,
                       {.json = options_.common.json,
                        .fail_fast = options_.pictures.fail_fast,
                        .on_standard_error = paths[0] == standard_stream},
                       {{"rule", options_.rule}});
  const std::vector<std::size_t> open =
      still_to_do(options_.pictures, list_.paths.size(), {paths, others}, report);

  Runner runner(model_, open.size(), rule_);
  PictureStream stream(model_, list_.paths, open, options_.common.run().threads,
                       [&](std::size_t place, const std::string& why) { report.fail(place, why); });
  bool first = true;
  while (const std::optional<Inputs> inputs = stream.next()) {
    if (std::exchange(first, false)) {
      paths.make_folder(), others.make_folder();
      report.say(model_.describe(rule_) + "\n");
    }
    for_each_attribution(runner, *inputs, target_, [&](Attribution a) {
      const Seen seen{inputs->prepared[a.index], inputs->framings[a.index]};
      a.index = inputs->places[a.index];
      const std::string &image = list_.paths[a.index], out = paths[a.index].string();
      const Finding finding = visit(a, seen);
      nlohmann::json result{{"path", image},
                            {"class", {{"index", a.target}, {"name", model_.class_name(a.target)}}},
                            {"logit", a.logit},
                            {"probability", a.probability},
                            {"out", out}};
      result.update(finding.more);
      report.add(std::move(result), printable(image) + ": " + finding.text + " -> " + printable(out) + "\n");
    });
  }
  report.finish();
}

}  // namespace backlight
