#pragma once

#include <span>

namespace backlight {

/// log Σ exp(terms), finite wherever the terms are; each term becomes its share of the sum, exp(term) / Σ.
double log_sum_exp(std::span<double> terms);

}  // namespace backlight
