#include "apps/attribution_command.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "apps/input/picture_report.h"
#include "apps/input/picture_stream.h"
#include "engine/error.h"
#include "weights/text.h"

namespace backlight {
namespace {

/// A network that has all its nodes, where they are asked for.
CommonOptions with_nodes(CommonOptions options, const Question& question) {
  options.no_fold = options.no_fold || question.asks_for_nodes();
  return options;
}

}  // namespace

AttributionCommand::AttributionCommand(const AttributionOptions& options)
    : options_(options),
      list_(list_pictures(options.pictures.given)),
      rule_(relu_rule_from_name(options.rule)),
      question_(options.question()),
      model_(with_nodes(options.common, question_).model()),
      target_(options.target.empty() ? -1 : chosen_class(model_, "--class", options.target)) {
  (void)model_.describe(rule_, question_);  // throws where the network does not have what it asks for
}

std::string AttributionCommand::text(const Attribution& a) const {
  if (question_.objective.kind == ExplainedScore::Kind::logit) return describe_target(model_, a);
  char value[32];
  std::snprintf(value, sizeof value, " %.5g", a.objective);
  return describe_target(model_, a) + ", " + describe(question_.objective, model_.class_name(a.target)) +
         value;
}

void AttributionCommand::run(const OutputPaths& paths, const OutputPaths& others,
                             const std::function<Finding(const Attribution&, const Seen&)>& visit) const {
  nlohmann::json shared{{"rule", options_.rule}};
  if (options_.takes_question) shared.update({{"objective", options_.objective}, {"at", options_.at}});
  PictureReport report(list_,
                       {.json = options_.common.json,
                        .fail_fast = options_.pictures.fail_fast,
                        .on_standard_error = paths[0] == standard_stream},
                       shared);
  const std::vector<std::size_t> open =
      still_to_do(options_.pictures, list_.paths.size(), {paths, others}, report);

  Runner runner(model_, open.size(), rule_, question_);
  PictureStream stream(model_, list_.paths, open, options_.common.run().threads,
                       [&](std::size_t place, const std::string& why) { report.fail(place, why); });
  bool first = true;
  while (const std::optional<Inputs> inputs = stream.next()) {
    if (std::exchange(first, false)) {
      paths.make_folder(), others.make_folder();
      report.say(model_.describe(rule_, question_) + "\n");
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
      if (options_.takes_question) result["objective_value"] = a.objective;
      result.update(finding.more);
      report.add(std::move(result), printable(image) + ": " + finding.text + " -> " + printable(out) + "\n");
    });
  }
  report.finish();
}

double AttributionCommand::shared_scale(const std::function<double(const Attribution&)>& scale_of) const {
  if (std::ranges::find(list_.paths, standard_stream) != list_.paths.end())
    throw UsageError("--scale shared: standard input cannot be read twice");
  std::vector<std::size_t> all(list_.paths.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Runner runner(model_, all.size(), rule_, question_);
  // What cannot be read is told in the run that writes.
  PictureStream stream(model_, list_.paths, all, options_.common.run().threads,
                       [](std::size_t, const std::string&) {});
  double largest = 0;
  while (const std::optional<Inputs> inputs = stream.next())
    for_each_attribution(runner, *inputs, target_,
                         [&](const Attribution& a) { largest = std::max(largest, scale_of(a)); });
  return largest;
}

}  // namespace backlight
