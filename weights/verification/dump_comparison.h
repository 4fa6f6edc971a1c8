#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weights/verification/reference_dump.h"

namespace backlight {

/// A node in two dumps: how far the first is from the second, ‖a − b‖ / ‖b‖, over the elements that both
/// hold; empty where not both hold it.
struct ComparedNode {
  std::string name;
  bool parameter = false;  // no node: a parameter, which has only a gradient
  std::optional<double> value = {}, gradient = {};
  std::string misfit = {};  // where its shapes differ: both; it is not compared then
  std::int64_t signs = 0;   // of a ReLU's whole values: positive in one and not in the other
};

/// Two dumps beside each other, end to end: without weights no node can be computed from a dump's own values,
/// and what is wrong at one node is seen at all that follow.
struct DumpComparison {
  double bar = 0;  // what a distance may be: 1e-10 where both are float64, else 1e-4
  std::vector<ComparedNode>
      nodes;  // in the order of the network (alphabetical where it is unknown), then parameters
  std::vector<std::string> only_first, only_second;  // what one of them holds and the other does not, by path
  std::int64_t signs = 0;

  bool value_off(const ComparedNode& node) const { return !node.misfit.empty() || above(node.value); }
  bool gradient_off(const ComparedNode& node) const { return above(node.gradient); }
  /// Where they part: the first node whose value or shape differs; where values agree, the last whose
  /// gradient does, as the way back begins at the end; parameters follow from nodes. Null where both agree.
  const ComparedNode* first_divergent() const;
  /// The first node with a sign that differs; null where none does.
  const ComparedNode* first_sign() const;

 private:
  bool above(const std::optional<double>& distance) const { return distance && !(*distance <= bar); }
};

/// Throws Error where the dumps are of different networks, rules, objectives or targets, hold nothing in
/// common, or cannot be read.
DumpComparison compare(const ReferenceDump& first, const ReferenceDump& second,
                       std::optional<double> tolerance = {});

}  // namespace backlight
