#include "apps/microscope/page.h"

#include <algorithm>
#include <cmath>

#include "apps/attribution.h"
#include "apps/evaluation/faithfulness.h"
#include "apps/evaluation/perturbation.h"
#include "apps/html.h"
#include "apps/microscope/contents.h"
#include "apps/microscope/page_files.h"
#include "apps/runner.h"
#include "engine/error.h"

namespace backlight {
namespace {

std::string filled(const std::string_view text, const std::string& data, const std::string& title) {
  std::string page;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find("{{", at), close = text.find("}}", open);
    page += text.substr(at, std::min(open, text.size()) - at);
    if (open == text.npos) break;
    const std::string_view name = text.substr(open + 2, close - open - 2);
    page += name == "title"    ? escaped(title)
            : name == "style"  ? std::string(page_style())
            : name == "script" ? page_script()
                               : data;
    at = close + 2;
  }
  return page;
}

/// How the score answers to the three maps at the pixels.
nlohmann::json faith(const Model& model, const WalkRecord& record, std::span<const float> image) {
  constexpr int steps = 20;
  const double rms_one = std::sqrt(static_cast<double>(image.size()));  // the length of one grey level each
  std::vector<double> lengths, shares;
  for (int i = 0; i <= steps; ++i) {
    lengths.push_back(4 * rms_one * i / steps);
    shares.push_back(static_cast<double>(i) / steps);
  }
  nlohmann::json step{{"at", lengths}}, deletion{{"at", shares}}, insertion{{"at", shares}}, table;
  std::vector<std::vector<float>> maps;
  const std::vector<float>& gradient = record.gradients[0][0];
  for (std::size_t r = 0; r < three_rules.size(); ++r) {
    const std::string rule(to_string(three_rules[r]));
    const std::vector<float>& map = record.gradients[r][0];
    std::vector<double> logits = logits_along(model, image, map, lengths, record.target);
    for (double& logit : logits)
      logit -= static_cast<double>(record.logits[static_cast<std::size_t>(record.target)]);
    step[rule] = logits;
    const Faithfulness f = faithfulness(model, image, map, gradient, rms_one, record.target);
    table[rule] = {{"cosine", f.cosine}, {"opposite", f.opposite}, {"rise", f.rise}};
    maps.push_back(saliency_map(map));
  }
  const auto score = [&](std::span<const float> images) {
    std::vector<double> probabilities;
    Runner(model, images.size() / image.size())
        .for_each(images, {}, [&](std::size_t, std::span<const float> logits, std::span<const float>) {
          probabilities.push_back(softmax(logits)[static_cast<std::size_t>(record.target)]);
        });
    return probabilities;
  };
  const std::vector<PerturbationCurves> curves =
      perturbation_curves(image, model.input_size(), maps, steps, score);
  for (std::size_t r = 0; r < three_rules.size(); ++r) {
    deletion[std::string(to_string(three_rules[r]))] = curves[r].deletion;
    insertion[std::string(to_string(three_rules[r]))] = curves[r].insertion;
  }
  double sum = 0;
  for (const float g : gradient) sum += std::abs(static_cast<double>(g));
  return {{"step", step},   {"deletion", deletion}, {"insertion", insertion},
          {"table", table}, {"first", rms_one},     {"sum", sum}};
}

/// So little fits a page, and its computation a blink.
bool is_small(const Graph& graph) {
  double flop = 0;
  std::int64_t parameters = 0;
  for (const Node& node : graph.nodes()) flop += node.op->flop(graph.input_shapes(node));
  for (const Parameter& parameter : graph.parameters()) parameters += parameter.shape.elements();
  return flop <= 3e8 && parameters <= 1'000'000;
}

}  // namespace

MicroscopePage microscope_page(const MicroscopeSubject& subject) {
  RunOptions by_node = subject.run;
  by_node.passes = {.fold = false, .fuse = false};
  const Model &model = subject.model, nodes(subject.weights, by_node);
  const WalkRecord record = record_walks(nodes, subject.image, subject.target);
  if (std::ranges::all_of(record.gradients[0][0], [](float g) { return g == 0; }))
    throw Error(subject.picture + ": the gradient of '" + model.class_name(record.target) +
                "' is 0 at every pixel: there is nothing to walk back");

  PageNumbers numbers;
  const bool computed = is_small(record.graph);
  nlohmann::json header = computed ? computed_contents(subject, nodes, record, numbers)
                                   : stored_contents(subject, nodes, record, numbers);
  header["mode"] = computed ? "computed" : "stored";
  header["picture"] = subject.picture;
  header["architecture"] = model.info().architecture;
  header["classes"] = model.info().classes;
  header["target"] = record.target;
  header["image_shape"] = shape_json(record.graph.value(0).shape);
  header["faith"] = faith(model, record, subject.image);
  return {filled(page_template(), numbers.packed(header), subject.picture), computed, record.target};
}

}  // namespace backlight
