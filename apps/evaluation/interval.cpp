#include "apps/evaluation/interval.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace backlight {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> defined(std::span<const double> values) {
  std::vector<double> result;
  std::ranges::copy_if(values, std::back_inserter(result), [](double v) { return !std::isnan(v); });
  return result;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

Interval bootstrap(std::span<const double> given, std::uint64_t seed) {
  constexpr std::size_t resamples = 2000, tail = resamples / 40;  // 2.5 % on either side
  const std::vector<double> values = defined(given);
  if (values.empty()) return {nan, nan, nan, 0};
  std::mt19937_64 random(seed);
  std::vector<double> means, drawn(values.size());
  for (std::size_t i = 0; i < resamples; ++i) {
    for (double& value : drawn) value = values[random() % values.size()];
    means.push_back(mean(drawn));
  }
  std::ranges::sort(means);
  return {mean(values), means[tail], means[resamples - 1 - tail], values.size()};
}

Interval wilson(std::span<const double> given) {
  constexpr double z = 1.959963984540054;  // 97.5 % of a normal distribution lie below
  const std::vector<double> values = defined(given);
  if (values.empty()) return {nan, nan, nan, 0};
  const double n = static_cast<double>(values.size()), p = mean(values);
  const double middle = p + z * z / (2 * n), half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, (middle - half) / (1 + z * z / n)),
          std::min(1.0, (middle + half) / (1 + z * z / n)), values.size()};
}

}  // namespace backlight
