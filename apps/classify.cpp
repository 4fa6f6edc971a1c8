#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "apps/commands.h"
#include "apps/inputs.h"
#include "apps/json_text.h"
#include "apps/options.h"
#include "apps/runner.h"
#include "weights/text.h"

namespace backlight {
namespace {

struct Options {
  CommonOptions common;
  std::vector<std::string> images;
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
  const Model model = options.common.model();
  nlohmann::json images = nlohmann::json::array();
  const Inputs inputs = load_inputs(model, options.images);
  const auto print = [&](std::size_t i, std::span<const float> logits, std::span<const float>) {
    const std::string& path = options.images[i];
    nlohmann::json top = nlohmann::json::array();
    if (!options.common.json) std::printf("%s\n", printable(path).c_str());
    for (const Candidate& c : best(logits, options.top)) {
      top.push_back({{"index", c.index},
                     {"name", model.class_name(c.index)},
                     {"logit", c.logit},
                     {"probability", c.probability}});
      if (!options.common.json)
        std::printf("  %6.2f %%  %4d  %s\n", 100 * c.probability, c.index, model.class_name(c.index).c_str());
    }
    images.push_back({{"path", path}, {"top", std::move(top)}});
  };
  Runner(model, inputs.prepared.size()).for_each(inputs.elements, {}, print);
  if (options.common.json) print_json({{"images", std::move(images)}});
}

}  // namespace

void add_classify(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("classify", "Name what is on photographs");
  command->footer("Example: backlight classify cat.jpg dog.jpg --weights resnet18.h5 --top 3");
  add_images(*command, options->images);
  command->add_option("--top", options->top, "how many classes to name")
      ->check(between(1, 1000))
      ->capture_default_str();
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
