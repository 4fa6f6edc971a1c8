#include "apps/evaluation/sheet.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "apps/drawing/chart.h"
#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"

namespace backlight {
namespace {

std::size_t column(std::string_view metric) {
  return static_cast<std::size_t>(std::ranges::find(metrics(), metric, &Metric::name) - metrics().begin());
}

/// The picture, its map and both together, with the scores below.
Image case_picture(const Model& model, const Sample& sample, const MethodScores& method, std::uint64_t seed) {
  const std::vector<float> image = to_chw(sample.picture);
  const std::vector<int> target{sample.target};
  const std::vector<float> map = method.method.maps({model, image, target, seed}).front();
  const std::vector<float> values = normalise(map, scale_of(map));
  const int width = sample.picture.width, height = sample.picture.height;
  const auto score = [&](std::string_view metric) {
    return 100 * method.scores[column(metric)][sample.index];
  };
  char caption[160];
  std::snprintf(caption, sizeof caption,
                "%s, picture %d: energy %.0f %%, best IoU %.0f %%, maximum %s the animal",
                model.class_name(sample.target).c_str(), static_cast<int>(sample.index), score("energy"),
                score("iou"), score("pointing_animal") > 0 ? "on" : "beside");
  return label(montage({{enlarge_to(sample.picture, 128), enlarge_to(heat_map(values, width, height), 128),
                         enlarge_to(overlay(sample.picture, values), 128)}},
                       4),
               caption, 1);
}

Image curves_chart(const Evaluation& evaluation, std::vector<double> PerturbationCurves::*curve,
                   const char* title, const char* share) {
  std::vector<Series> lines;
  for (const MethodScores& method : evaluation.methods) {
    const std::vector<double>& y = method.curves.*curve;
    Series line{std::string(method.method.name), {}, y};
    for (std::size_t i = 0; i < y.size(); ++i)
      line.x.push_back(static_cast<double>(i) / static_cast<double>(y.size() - 1));
    lines.push_back(std::move(line));
  }
  return line_chart(
      lines, {.title = title, .x_label = share, .y_label = "probability of the class", .y_range = {{0, 1}}});
}

}  // namespace

Image best_and_worst(const Model& model, const Samples& samples, const MethodScores& method,
                     const std::vector<double>& animal_shares, std::uint64_t seed) {
  const std::vector<double>& energy = method.scores[column("energy")];
  const auto beyond_chance = [&](std::size_t picture) {
    return (energy[picture] - animal_shares[picture]) / (1 - animal_shares[picture]);
  };
  std::vector<std::size_t> order(energy.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, beyond_chance);
  const auto drawn = [&](std::size_t place) {
    return case_picture(model, samples.at(order[place]), method, seed);
  };
  std::vector<std::vector<Image>> rows;
  for (std::size_t place = 0; place < std::min<std::size_t>(4, order.size()); ++place)
    rows.push_back({drawn(place), drawn(order.size() - 1 - place)});
  return label(montage(rows, 12), std::string(method.method.name) +
                                      ": left the best, right the worst cases\n"
                                      "by the share of the map on the animal, beyond chance");
}

Image deletion_chart(const Evaluation& evaluation) {
  return curves_chart(evaluation, &PerturbationCurves::deletion, "Deletion: lower is better",
                      "share of the pixels that is blurred, highest first");
}

Image insertion_chart(const Evaluation& evaluation) {
  return curves_chart(evaluation, &PerturbationCurves::insertion, "Insertion: higher is better",
                      "share of the pixels that is restored, highest first");
}

Image randomisation_chart(const RandomisationCheck& check) {
  std::vector<Series> lines;
  for (const SimilarityCurve& curve : check.curves) {
    Series line{std::string(curve.method.name), {}, {}};
    for (std::size_t step = 0; step < curve.steps.size(); ++step) {
      line.x.push_back(static_cast<double>(step));
      line.y.push_back(curve.steps[step].mean);
    }
    lines.push_back(std::move(line));
  }
  return line_chart(lines, {.title = "Maps of a network that forgets, from the logits down",
                            .x_label = "layers with random weights",
                            .y_label = "rank correlation with the original's map"});
}

}  // namespace backlight
