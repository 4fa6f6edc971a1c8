#include "apps/demo/evidence.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "apps/runner.h"

namespace backlight::demo {
namespace {

/// Logit k less logit j, for each image.
std::vector<double> margins(const Model& model, std::span<const float> images, int k, int j) {
  std::vector<double> found;
  Runner(model, images.size() / model.image_elements())
      .for_each(images, {}, [&](std::size_t, std::span<const float> logits, std::span<const float>) {
        found.push_back(static_cast<double>(logits[static_cast<std::size_t>(k)]) -
                        static_cast<double>(logits[static_cast<std::size_t>(j)]));
      });
  return found;
}

Forecast forecast(const Model& model, const Exhibit& exhibit) {
  constexpr int draws = 3;
  const int k = exhibit.answer.index, j = exhibit.fooled->answer.index;
  const std::vector<float> image = to_chw(exhibit.image);
  const auto seed = [&](std::size_t, std::span<const float>, std::span<float> at_logits) {
    at_logits[static_cast<std::size_t>(k)] = 1;
    at_logits[static_cast<std::size_t>(j)] = -1;
  };
  Forecast result;
  for (const float g : Runner(model, 1, ReluRule::gradient).run(image, seed).gradients)
    result.sum += std::abs(static_cast<double>(g));
  std::vector<float> images = image;
  std::mt19937 random(static_cast<unsigned>(exhibit.target) + 1);
  for (int draw = 0; draw < draws; ++draw)
    for (const float level : image) {
      const double moved = static_cast<double>(level) + (random() & 1 ? 1 : -1) * exhibit.fooled->epsilon;
      images.push_back(static_cast<float>(std::clamp(moved, 0.0, 255.0)));
    }
  const std::vector<double> all = margins(model, images, k, j);
  result.margin = all[0];
  for (int draw = 1; draw <= draws; ++draw)
    result.random = std::max(result.random, std::abs(all[static_cast<std::size_t>(draw)] - all[0]));
  return result;
}

/// Of the nodes that decide something.
std::vector<NodeReport> deciding(const std::vector<NodeReport>& all) {
  std::vector<NodeReport> some;
  std::ranges::copy_if(all, std::back_inserter(some),
                       [](const NodeReport& r) { return r.relu || r.max_pool; });
  return some;
}

}  // namespace

void compare_with_gradient(const Model& model, std::vector<Exhibit>& exhibits) {
  for (Exhibit& exhibit : exhibits) {
    const std::vector<float> image = to_chw(exhibit.image);
    for (Map& map : exhibit.maps)
      map.faith = faithfulness(model, image, map.gradient, exhibit.maps[0].gradient,
                               std::sqrt(static_cast<double>(image.size())), exhibit.answer.index);
    if (exhibit.fooled) exhibit.fooled->forecast = forecast(model, exhibit);
  }
}

Evidence gather_evidence(const WeightFile& weights, const RunOptions& options, const Model& model,
                         const std::vector<Exhibit>& exhibits) {
  RunOptions by_node = options;
  by_node.passes = {.fold = false, .fuse = false};
  const Model nodes(weights, by_node);
  const Exhibit& first = exhibits.front();
  const std::vector<float> image = to_chw(first.image);
  std::vector<std::vector<NodeReport>> reports;
  Walk plain(nodes, ReluRule::gradient);
  plain.run(image, first.answer.index);
  reports.push_back(deciding(node_reports(plain, nullptr)));
  for (const ReluRule rule : {ReluRule::guided, ReluRule::deconvnet}) {
    Walk walk(nodes, rule);
    walk.run(image, first.answer.index);
    reports.push_back(deciding(node_reports(walk, &plain)));
  }

  std::vector<float> images;
  std::vector<int> targets;
  for (const Exhibit& exhibit : exhibits) {
    const std::vector<float> elements = to_chw(exhibit.image);
    images.insert(images.end(), elements.begin(), elements.end());
    targets.push_back(exhibit.answer.index);
  }
  std::vector<Method> methods;
  for (const Method& method : backlight::methods())
    if (method.name == "gradient" || method.name == "guided" || method.name == "deconvnet")
      methods.push_back(method);
  RunOptions loops = options;
  loops.kernel = "ref";
  loops.tuning = nullptr;
  const Model other(weights, loops);
  std::vector<KernelComparison> compared;
  for (const Exhibit& exhibit : exhibits)
    compared.push_back(
        compare_kernels(model, other, ReluRule::gradient, to_chw(exhibit.image), exhibit.answer.index));
  return {.animal = first.name(),
          .walk = reports[0],
          .guided = reports[1],
          .deconvnet = reports[2],
          .randomisation = randomisation_check(weights, options, methods, {model, images, targets}),
          .plain_loops = std::move(compared)};
}

}  // namespace backlight::demo
