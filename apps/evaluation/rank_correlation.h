#pragma once

#include <span>
#include <vector>

namespace backlight {

/// The place of each value when they are sorted, from 1; equal values share the mean of their places.
std::vector<double> ranks(std::span<const double> values);

/// Spearman 1904: ρ = Σ (r − r̄)(s − s̄) / √(Σ (r − r̄)² · Σ (s − s̄)²) with r and s the ranks of a and b; −1
/// … 1. NaN where one of them has no two different values, as then there is no order to compare. Throws Error
/// where they are not equally many.
double rank_correlation(std::span<const double> a, std::span<const double> b);

}  // namespace backlight
