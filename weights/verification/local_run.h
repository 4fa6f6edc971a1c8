#pragma once

// Private to weights/verification/.
#include <functional>
#include <string>
#include <vector>

#include "weights/verification/dumped_run.h"
#include "weights/verification/rounding_noise.h"

namespace backlight {

/// A run in which every value and gradient is replaced by the dump's as soon as it was computed, so that the
/// error of a node does not reach others.
class LocalRun {
 public:
  using Part = ReferenceDump::Part;
  /// Called for what was computed from nothing but the dump's whole values since the last of them, before it
  /// is replaced. `direct`: by one node; else by several, whose signs and winners the dump does not say.
  using Visit = std::function<void(Part, ValueId, const std::vector<double>& ours, const DumpTensor& theirs,
                                   bool direct)>;

  /// All must outlive the object. With `noise`, what a node is given is rounded by chance (rounding_noise.h).
  explicit LocalRun(DumpedRun& run, RoundingNoise* noise = nullptr);

  void run(const Visit& visit);

  // After the run:
  /// Whether the dump said enough to hold every sign and winner as in it.
  bool held() const { return held_; }
  /// Whether a parameter's gradient was computed from the dump's whole values alone.
  bool is_clean(const std::string& parameter) const;

 private:
  const Graph& graph() const { return run_.graph(); }
  bool inputs_are(const std::vector<bool>& what, const Node& node) const;
  /// Whether what the nodes that read a value are given, back and forth, is `gradients` and `values`.
  bool readers_are(const std::vector<bool>& gradients, const std::vector<bool>& values, ValueId id) const;
  std::vector<std::vector<double>> disturb_inputs(NodeId id);  // what they were before
  void before_node(NodeId id);
  void after_node(NodeId id);
  void see_value(ValueId id, const Visit& visit);
  void see_gradient(ValueId id, const Visit& visit);

  DumpedRun& run_;
  RoundingNoise* noise_;
  bool held_ = true;
  // By value: computed from the dump's whole values alone; and one of them, or what the run begins with.
  std::vector<bool> clean_, clean_gradient_, given_, given_gradient_;
  std::vector<std::vector<double>> exact_;  // the inputs of the node that runs, while they are disturbed
};

}  // namespace backlight
