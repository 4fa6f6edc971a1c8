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
  /// The local one is that of several nodes: the dump does not hold what lies between. Its bar is that of
  /// end to end.
  bool of_several = false;
  double explained = 0;  // what of the local one rounding explains (reduced_precision.h)
};

enum class Verdict {
  pass,
  kink,     // end to end it is off, and held it is not: pre-activations near 0 changed sign, no arithmetic is
            // wrong
  follows,  // it is off because of what another node does
  reduced_precision,  // its own computation is off by as much as rounding to fewer bits explains
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
  std::string misfit = {};  // where its shape is another than the network's: both; it is not compared then
  Verdict verdict = Verdict::pass;
  /// Of a bug: which computation is wrong, "forward of layer1.0.conv2". A wrong gradient at a value is the
  /// fault of the nodes that read the value, not of the one that makes it.
  std::string blame = {};

  bool is_parameter() const { return source == Source::parameter; }
};

/// Of how many of the network's nodes the dump holds the value, and the gradient, so that it was compared.
struct Compared {
  int nodes = 0, values = 0, gradients = 0;
  bool input_gradient = false;
  /// What was not, in a line: "gradients were not compared: the dump holds none"; "" where everything was.
  std::string shortfall() const;
};

/// The precision in which the dump was computed or stored, where it is less than its numbers claim, and that
/// explains what is off.
struct ReducedPrecision {
  double bits = 0;      // of the significand, the leading one counted: TF32 and float16 have 11, bfloat16 8
  bool stored = false;  // every value was rounded where it is stored; else what nodes of some kinds multiply
  std::vector<std::string> kinds;  // "conv", "linear": whose factors were rounded
  /// "the factors of the dump's convolutions were rounded to the 11 bits of significand of TF32 …".
  std::string description() const;
};

struct Verification {
  /// What a distance may be. Local, float64 against float64: 1e-10; where either is less: 1e-5. End to end:
  /// 1e-10, or 1e-4 with signs and winners held. Both are the tolerance where one was given.
  double local_bar = 0, end_bar = 0;
  std::vector<VerifiedValue> values;  // in the order of the network, then the parameters
  std::vector<std::string> unknown;   // nodes of the dump that the network does not have
  Compared compared;
  int fused = 0;                          // values of the dump that are gone: fused into other nodes
  std::int64_t kinks = 0, decisions = 0;  // of all signs and winners
  std::string first_kink;                 // the first node with a sign or winner that differs
  bool held = false;                      // whether the dump says enough to hold them
  std::optional<ReducedPrecision> reduced;
  /// What is off is explained by signs and winners that the dump does not hold, and that rounding changes.
  bool hidden_kinks = false;

  double bar(const Distances& d) const { return d.of_several ? end_bar : local_bar; }
  Verdict verdict() const;
  /// The largest distances of all rows.
  Distances worst() const;
  /// The first bug: a shape or the first of the forward, else the first of the way back; else the first that
  /// is rounded; else the first kink; null where all pass.
  const VerifiedValue* first_divergent() const;
};

/// The row of that name; null where there is none.
VerifiedValue* find_row(Verification& verification, std::string_view name);

/// Holds a network against a reference dump, node by node, in the precision of the parameters. Three runs:
/// free; local, where each value and gradient is replaced by the dump's as soon as it was compared; and held.
/// What the dump does not hold is not compared (`compared`). A value that the dump only samples cannot
/// replace anything, so what comes next to it has no local distance. A tensor whose shape is not the
/// network's is a bug of its node. A network that passes have rewritten (layers/passes/) is held against what
/// still exists of it: the gradient of a node that ends in a ReLU is that of the value before the ReLU;
/// gradients of parameters are then left out, as training runs networks as they are written. Where much is
/// off, the dump may have been computed in less precision (reduced_precision.h). `tolerance`: a bar of one's
/// own for every distance. Throws Error where the dump's input is not the network's, or a target is no class.
Verification verify(const ReferenceDump& dump, const Graph& network,
                    std::shared_ptr<const Parameters> parameters, const SessionOptions& options,
                    std::optional<double> tolerance = {});

/// The network of a weight file as a dump sees it: without normalisation, unfolded. Of a dump: for its batch
/// and input size; throws Error where it is of another architecture.
Graph network_of(const ModelInfo& info, std::int64_t batch, std::int64_t input_size);
Graph network_of(const ReferenceDump& dump, const ModelInfo& info);

}  // namespace backlight
