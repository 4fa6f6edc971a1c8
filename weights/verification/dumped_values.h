#pragma once

// Private to weights/verification/.
#include "engine/graph.h"
#include "weights/verification/reference_dump.h"
#include "weights/verification/verification.h"

namespace backlight {

/// Whether a pass has made one node of several.
bool rewritten(const Graph& graph);

/// What a dump holds of the values of a graph. The dump keeps the gradient at the input, and the logits,
/// apart from those of the nodes; here they are found like all others.
class DumpedValues {
 public:
  using Part = ReferenceDump::Part;

  /// Both must outlive the object. `logits`: the value of the graph that the dump calls so.
  DumpedValues(const ReferenceDump& dump, const Graph& graph, ValueId logits)
      : dump_(dump), graph_(graph), logits_(logits) {}

  /// What the dump calls what a session holds for a value. Its gradient is that of the value before the ReLU,
  /// where its node ends in one.
  const std::string& name(Part part, ValueId id) const;
  /// Whether the dump holds it, in the shape that it has in the graph.
  bool has(Part part, ValueId id) const;
  /// The same, as what is under the name of a node: not the logits and the gradient that stand apart.
  bool has_node(Part part, ValueId id) const;
  DumpTensor read(Part part, ValueId id) const { return dump_.read(path(part, id)); }

  /// A row, without distances but with what does not fit the graph, for each value of the graph, before it
  /// those that were fused into its node, and then for each parameter, that the dump holds something of; and
  /// what it holds that the graph does not know.
  std::vector<VerifiedValue> rows() const;
  std::vector<std::string> unknown() const;

 private:
  /// Where the dump keeps it; "" where it does not.
  std::string path(Part part, ValueId id) const;
  std::string path_apart(Part part, ValueId id) const;  // of the two that stand apart from the nodes
  VerifiedValue new_row(const std::string& name, ValueId id) const;
  bool holds(const std::string& name) const;
  void expect_fit(VerifiedValue& row, const std::string& path) const;
  const Parameter* find_parameter(const std::string& name) const;

  const ReferenceDump& dump_;
  const Graph& graph_;
  ValueId logits_;
};

}  // namespace backlight
