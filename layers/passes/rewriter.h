#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/graph.h"

namespace backlight {

/// Makes a new graph of an old one, node by node in the old order. What a pass leaves as it is, it copies;
/// what it makes one node of, it replaces. The graph's inputs come over when they are first read.
class Rewriter {
 public:
  /// Refers to `from`.
  explicit Rewriter(const Graph& from) : from_(from) {}

  /// Whether the node that makes this old value is part of another already.
  bool done(ValueId old) const { return now_.count(old) != 0 || gone_.count(old) != 0; }
  void copy(const Node& node);
  /// A node called as `node` that makes what stands for the old value `output`, from old values. `absorbed`
  /// are the old values that no longer exist. The value keeps its name, unless it is another and called
  /// `value_name`.
  void replace(const Node& node, std::shared_ptr<const Op> op, const std::vector<ValueId>& inputs,
               ValueId output, const std::vector<ValueId>& absorbed, const std::string& value_name = {});
  Graph result() { return std::move(to_); }

 private:
  ValueId translated(ValueId old);

  const Graph& from_;
  Graph to_;
  std::map<ValueId, ValueId> now_;  // where each value of the old graph is in the new one
  std::set<ValueId> gone_;
};

/// The one node that reads this value, and reads it once; null where there is none or several, or where the
/// value is the graph's output.
const Node* only_reader(const Graph& graph, ValueId value);

}  // namespace backlight
