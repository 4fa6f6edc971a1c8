#include "apps/evaluation/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/error.h"

namespace backlight {

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) result[order[first]] = shared;
  }
  return result;
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size())
    throw Error("a rank correlation of " + std::to_string(a.size()) + " with " + std::to_string(b.size()) +
                " values");
  const std::vector<double> r = ranks(a), s = ranks(b);
  const double mean = static_cast<double>(a.size() + 1) / 2;  // of any ranks
  double rs = 0, rr = 0, ss = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    rs += (r[i] - mean) * (s[i] - mean);
    rr += (r[i] - mean) * (r[i] - mean);
    ss += (s[i] - mean) * (s[i] - mean);
  }
  return rs / std::sqrt(rr * ss);  // 0/0 where one is constant
}

}  // namespace backlight
