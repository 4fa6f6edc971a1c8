#include "apps/evaluation/report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "apps/formatted.h"

namespace backlight {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// "93.5 [89, 96]" in percent, "0.41 [0.35, 0.47]" otherwise, "-" where there is no number.
std::string cell(const Interval& interval, bool percent) {
  if (std::isnan(interval.mean)) return "-";
  if (percent)
    return formatted("%.1f [%.0f, %.0f]", 100 * interval.mean, 100 * interval.low, 100 * interval.high);
  return formatted("%.2f [%.2f, %.2f]", interval.mean, interval.low, interval.high);
}

int width_of(const Metric& metric) { return metric.percent ? 17 : 21; }

nlohmann::json to_json(const Interval& interval) {
  return {
      {"mean", interval.mean}, {"low", interval.low}, {"high", interval.high}, {"pictures", interval.count}};
}

}  // namespace

std::string to_text(const Evaluation& evaluation, std::uint64_t seed) {
  std::string table = formatted(
      "%zu pictures, %.1f %% of them classified rightly; the animal covers %.1f %% of a picture\n\n",
      evaluation.animal_shares.size(), 100 * evaluation.accuracy, 100 * mean(evaluation.animal_shares));
  table += formatted("%-16s", "");
  for (const Metric& metric : metrics())
    table += formatted("%*s", width_of(metric),
                       (std::string(metric.heading) + (metric.percent ? " %" : "")).c_str());
  table += '\n';
  bool ruled = false;
  for (const MethodScores& method : evaluation.methods) {
    if (method.method.baseline && !std::exchange(ruled, true)) table += "baselines:\n";
    table += formatted("%-16s", std::string(method.method.name).c_str());
    for (std::size_t k = 0; k < metrics().size(); ++k)
      table += formatted("%*s", width_of(metrics()[k]),
                         cell(metrics()[k].interval(method.scores[k], seed), metrics()[k].percent).c_str());
    table += '\n';
  }
  table +=
      "\nmean over the pictures [95 % interval: Wilson's for shares of pictures, else percentile "
      "bootstrap]\n";
  for (const Metric& metric : metrics())
    table +=
        formatted("  %-10s %s is better: %s\n", std::string(metric.heading).c_str(),
                  metric.higher_is_better ? "higher" : "lower ", std::string(metric.description).c_str());
  for (const MethodScores& method : evaluation.methods)
    table += formatted("  %-16s %s\n", std::string(method.method.name).c_str(),
                       std::string(method.method.description).c_str());
  return table;
}

std::string to_text(const RandomisationCheck& check) {
  constexpr int width = 21;
  std::string table = formatted(
      "randomised from the logits down to: how like the maps are to the original network's (rank "
      "correlation, %zu pictures)\n%-26s",
      check.pictures, "");
  for (const SimilarityCurve& curve : check.curves)
    table += formatted("%*s", width, std::string(curve.method.name).c_str());
  for (std::size_t step = 0; step <= check.layers.size(); ++step) {
    table += formatted("\n%-26s", step ? check.layers[step - 1].c_str() : "nothing");
    for (const SimilarityCurve& curve : check.curves)
      table += formatted("%*s", width, cell(curve.steps[step], false).c_str());
  }
  return table + '\n';
}

nlohmann::json to_json(const Evaluation& evaluation, std::uint64_t seed) {
  nlohmann::json columns = nlohmann::json::array(), rows = nlohmann::json::array();
  for (const Metric& metric : metrics())
    columns.push_back({{"name", metric.name},
                       {"description", metric.description},
                       {"higher_is_better", metric.higher_is_better},
                       {"interval", metric.share ? "wilson" : "bootstrap"}});
  for (const MethodScores& method : evaluation.methods) {
    nlohmann::json scores;
    for (std::size_t k = 0; k < metrics().size(); ++k)
      scores[std::string(metrics()[k].name)] = to_json(metrics()[k].interval(method.scores[k], seed));
    rows.push_back({{"name", method.method.name},
                    {"description", method.method.description},
                    {"baseline", method.method.baseline},
                    {"scores", std::move(scores)},
                    {"deletion_curve", method.curves.deletion},
                    {"insertion_curve", method.curves.insertion}});
  }
  return {{"pictures", evaluation.animal_shares.size()},
          {"accuracy", evaluation.accuracy},
          {"animal_share", mean(evaluation.animal_shares)},
          {"metrics", std::move(columns)},
          {"methods", std::move(rows)}};
}

nlohmann::json to_json(const RandomisationCheck& check) {
  nlohmann::json curves = nlohmann::json::array();
  for (const SimilarityCurve& curve : check.curves) {
    nlohmann::json steps = nlohmann::json::array();
    for (const Interval& step : curve.steps) steps.push_back(to_json(step));
    curves.push_back({{"method", curve.method.name}, {"similarity", std::move(steps)}});
  }
  return {{"layers", check.layers}, {"pictures", check.pictures}, {"curves", std::move(curves)}};
}

}  // namespace backlight
