#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/inspection/walk.h"

namespace backlight {

/// Of the numbers of a value or a gradient.
struct Statistics {
  double least = 0, largest = 0, mean = 0;
  double norm = 0;   // √Σx²
  double zeros = 0;  // share of the numbers that are 0
};
Statistics statistics_of(std::span<const float> numbers);

/// What a ReLU does with the gradient that comes to it.
struct ReluReport {
  double active = 0;   // share of its units whose input is above 0: the bits that it keeps
  double against = 0;  // share of those whose incoming gradient is below 0: where guided departs
  // Of what comes, the units whose gradient does not go on by the rules: for the sign of their input, for
  // the sign of the gradient, for both; of all units.
  double killed_by_mask = 0, killed_by_sign = 0, killed_by_both = 0;
};

/// The windows of a max pool.
struct MaxPoolReport {
  double all_zero = 0;  // share in which every number is 0: the gradient goes to the first of them
  double tied = 0;      // share with more than one maximum, those included
};

/// `output`: the ReLU's, which is above 0 where its input is. `gradient`: at its output; may be empty.
ReluReport relu_report(std::span<const float> output, std::span<const float> gradient);
/// `input`: C,H,W of the pool whose output has the shape `out`.
MaxPoolReport max_pool_report(const Node& pool, const Shape& in, const Shape& out,
                              std::span<const float> input);

/// One node of a walk.
struct NodeReport {
  std::string name, kind, description;
  std::vector<std::string> inputs;
  Shape shape;
  Statistics value;
  std::optional<Statistics> gradient;  // that comes to it: at its output
  std::optional<double> cosine;        // of that with the plain gradient; nothing for the plain gradient
  std::optional<ReluReport> relu;
  std::optional<MaxPoolReport> max_pool;
};

/// Of every node, in the order of the forward. `plain`: the same walk with the rule `gradient`, for the
/// cosines; null: none.
std::vector<NodeReport> node_reports(const Walk& walk, const Walk* plain);
/// Of one node.
NodeReport node_report(const Walk& walk, const Node& node, const Walk* plain);

/// Of C,H,W the channels with the largest norms, at most so many, in order.
std::vector<std::size_t> strongest_channels(std::span<const float> numbers, std::size_t channels,
                                            std::size_t most);

/// Σab / (‖a‖‖b‖); 0 where one of them is 0.
double cosine(std::span<const float> a, std::span<const float> b);

}  // namespace backlight
