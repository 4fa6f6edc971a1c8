#include <algorithm>
#include <numeric>

#include "apps/commands.h"
#include "apps/formatted.h"
#include "apps/input/picture_report.h"
#include "apps/input/picture_stream.h"
#include "apps/options.h"
#include "apps/runner.h"
#include "weights/text.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  PictureOptions pictures;
  int top = 5;
};

struct Candidate {
  int index;
  float logit;
  double probability;
};

std::vector<Candidate> best(std::span<const float> logits, int count) {
  const std::vector<double> probability = softmax(logits);
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return logits[a] > logits[b]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  std::vector<Candidate> candidates;
  for (const int k : order) candidates.push_back({k, logits[k], probability[k]});
  return candidates;
}

void run(const Options& options) {
  const PictureList list = list_pictures(options.pictures.given);
  const Model model = options.common.model();
  PictureReport report(list, {.json = options.common.json, .fail_fast = options.pictures.fail_fast});
  std::vector<std::size_t> all(list.paths.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Runner runner(model, all.size());
  PictureStream stream(model, list.paths, all, options.common.run().threads,
                       [&](std::size_t place, const std::string& why) { report.fail(place, why); });
  while (const std::optional<Inputs> inputs = stream.next())
    runner.for_each(inputs->elements, {},
                    [&](std::size_t i, std::span<const float> logits, std::span<const float>) {
                      const std::string& path = list.paths[inputs->places[i]];
                      nlohmann::json top = nlohmann::json::array();
                      std::string lines = printable(path) + "\n";
                      for (const Candidate& c : best(logits, options.top)) {
                        top.push_back({{"index", c.index},
                                       {"name", model.class_name(c.index)},
                                       {"logit", c.logit},
                                       {"probability", c.probability}});
                        lines += formatted("  %6.2f %%  %4d  ", 100 * c.probability, c.index) +
                                 model.class_name(c.index) + "\n";
                      }
                      report.add({{"path", path}, {"top", std::move(top)}}, lines);
                    });
  report.finish();
}

}  // namespace

void add_classify(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("classify", "Name what is on photographs");
  command->footer("Example: backlight classify cat.jpg dog.jpg --weights resnet18.h5 --top 3");
  add_pictures(*command, options->pictures);
  command->add_option("--top", options->top, "how many classes to name")
      ->check(between(1, 1000))
      ->capture_default_str();
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
