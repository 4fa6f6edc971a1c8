#include "apps/log_sum_exp.h"

#include <algorithm>
#include <cmath>

namespace backlight {

double log_sum_exp(std::span<double> terms) {
  const double largest = *std::ranges::max_element(terms);
  double sum = 0;
  for (double& term : terms) sum += term = std::exp(term - largest);
  for (double& term : terms) term /= sum;
  return largest + std::log(sum);
}

}  // namespace backlight
