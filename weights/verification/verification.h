#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "weights/verification/reference_dump.h"
#include "weights/weight_file.h"

namespace backlight {

/// How far a tensor is from the dump's: ‖a − b‖ / ‖b‖ over the elements that the dump holds. Empty: not to be
/// judged.
using Distance = std::optional<double>;

/// The same tensor computed three ways, each held against the dump.
struct Distances {
  Distance
      local;  // from the dump's own input values and incoming gradient: errors of other nodes do not reach it
  Distance end_to_end;
  Distance held;  // end to end, with every ReLU sign and pooling winner as in the dump
};

enum class Verdict {
  pass,
  kink,     // end to end it is off, and held it is not: pre-activations near 0 changed sign, no arithmetic is
            // wrong
  follows,  // it is off because another node is wrong
  bug
};
std::string_view to_string(Verdict verdict);

struct VerifiedValue {
  enum class Source { input, node, parameter };

  std::string name;
  Source source = Source::input;
  std::string kind = "input";  // for people: of the node that makes it; "input", "parameter"
  Shape shape = {};
  bool whole = true;  // false: the dump holds a sample
  Distances forward = {}, backward = {};
  std::int64_t kinks = 0;  // signs or winners of this node that differ from the dump's
  /// The node that it has become part of, where a pass has made one node of several: the value is gone, and
  /// so is its gradient, but for that of the last value before a ReLU. Empty: it is there.
  std::string fused_into = {};
  Verdict verdict = Verdict::pass;
  /// Of a bug: which computation is wrong, "forward of layer1.0.conv2". A wrong gradient at a value is the
  /// fault of the nodes that read the value, not of the one that makes it.
  std::string blame = {};

  bool is_parameter() const { return source == Source::parameter; }
};

struct Verification {
  /// What a distance may be. Local, float64 against float64: 1e-10; where either is float32: 1e-5. End to
  /// end: 1e-10, or 1e-4 with signs and winners held.
  double local_bar = 0, end_bar = 0;
  std::vector<VerifiedValue> values;      // in the order of the network, then the parameters
  std::vector<std::string> unknown;       // nodes of the dump that the network does not have
  int fused = 0;                          // values of the dump that are gone: fused into other nodes
  std::int64_t kinks = 0, decisions = 0;  // of all signs and winners
  std::string first_kink;                 // the first node with a sign or winner that differs
  bool held = false;                      // whether the dump says enough to hold them

  Verdict verdict() const;
  /// The first bug: the first of the forward, else the first of the way back; else the first kink; null where
  /// all pass.
  const VerifiedValue* first_divergent() const;
};

/// Holds a network against a reference dump, node by node, in the precision of the parameters. Three runs:
/// free; local, where each value and gradient is replaced by the dump's as soon as it was compared; and held.
/// A value that the dump only samples cannot replace anything, so what comes next to it has no local
/// distance. A network that passes have rewritten (layers/passes/) is held against what still exists of it:
/// the gradient of a node that ends in a ReLU is that of the value before the ReLU; gradients of parameters
/// are then left out, as training runs networks as they are written. Throws Error where the dump is of
/// another network.
Verification verify(const ReferenceDump& dump, const Graph& network,
                    std::shared_ptr<const Parameters> parameters, const SessionOptions& options);

/// The network of a weight file as a dump sees it: without normalisation, unfolded, for the dump's batch and
/// input size. Throws Error where the dump is of another architecture or has another number of classes.
Graph network_of(const ReferenceDump& dump, const ModelInfo& info);

}  // namespace backlight
