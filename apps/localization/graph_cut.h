#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace backlight {

/// Two pixels that had better have the same label.
struct Link {
  int a, b;
  double weight;  // the price of different labels, at least 0
};

/// The labels x (1: foreground, 0: background) of the least energy
///   E(x) = sum over p of cost_p(x_p)  +  sum over links of weight · [x_a ≠ x_b],
/// by the minimum cut of a graph between a source, the foreground, and a sink, the background (Boykov & Jolly
/// 2001, "Interactive graph cuts"; the maximum flow is that of Boykov & Kolmogorov 2004). Costs may have any
/// sign and scale up to 10⁹; all are rounded to multiples of 2^-16, so that the cut is exact and the same on
/// every run. Of several labellings of least energy, the one with the fewest pixels in the foreground.
std::vector<std::uint8_t> minimum_cut(std::span<const double> foreground_cost,
                                      std::span<const double> background_cost, std::span<const Link> links);

}  // namespace backlight
