#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace backlight {

/// A mean over pictures, and the interval that holds the true one with 95 % confidence. Without a single
/// value all three are NaN.
struct Interval {
  double mean, low, high;
  std::size_t count;  // pictures that have a value
};

// Values that are NaN, of pictures where a metric says nothing, are left out.

/// Percentile bootstrap (Efron & Tibshirani 1993, §13.3): as many values are drawn again, with repetition,
/// 2000 times; 95 % of the means lie between low and high.
Interval bootstrap(std::span<const double> values, std::uint64_t seed);

/// Wilson's score interval for a share p of n: (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n) with z
/// = 1.96. Unlike the bootstrap's it does not shrink to a point where all of the values are 1. Values between
/// 0 and 1 vary less than a share of that mean: for them it is on the safe side.
Interval wilson(std::span<const double> values);

}  // namespace backlight
