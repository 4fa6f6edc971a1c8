#include "weights/verification/reduced_precision.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/distance.h"
#include "weights/verification/local_run.h"

namespace backlight {
namespace {

using Part = ReferenceDump::Part;

constexpr NumberFormat tf32{11, -136};

/// A local distance of a row, beside what rounding does to it.
struct Pair {
  Distances* row;
  double rounding = 0;
  double nearest = INFINITY;  // what is left of the distance when factors are rounded to the nearest
};
using Pairs = std::map<std::string, Pair>;  // by path

/// What the local run makes of everything that the dump holds, by path.
std::map<std::string, DumpTensor> computed(const Verification& v, DumpedRun& run,
                                           RoundingNoise* noise = nullptr) {
  std::map<std::string, DumpTensor> all;
  const auto keep = [&](const std::string& path, const std::vector<double>& ours, const DumpTensor& theirs) {
    DumpTensor& some = all[path] = {theirs.shape, theirs.index, {}};
    if (theirs.whole()) some.value = ours;
    for (const std::int64_t i : theirs.index) some.value.push_back(ours[static_cast<std::size_t>(i)]);
  };
  LocalRun local(run, noise);
  local.run([&](Part part, ValueId id, const std::vector<double>& ours, const DumpTensor& theirs, bool) {
    keep(ReferenceDump::path(part, run.theirs().name(part, id)), ours, theirs);
  });
  for (const VerifiedValue& row : v.values)
    if (row.is_parameter() && row.backward.local)
      all[ReferenceDump::path(Part::parameter_gradients, row.name)] = {
          row.shape, {}, run.session().parameter_gradient<double>(row.name)};
  return all;
}

/// What rounding does to every row that has a local distance: the most of some runs.
Pairs measure(Verification& v, const ReferenceDump& dump, DumpedRun& run, const Graph& network,
              const Parameters& parameters, RoundingNoise noise) {
  constexpr int runs = 6;  // few, but where nodes in between have signs that change or not
  Pairs pairs;
  for (VerifiedValue& row : v.values) {
    if (row.forward.local) pairs[ReferenceDump::path(Part::activations, row.name)] = {&row.forward};
    if (row.backward.local)
      pairs[ReferenceDump::path(row.is_parameter() ? Part::parameter_gradients : Part::gradients, row.name)] =
          {&row.backward};
  }
  const auto exact = computed(v, run);
  DumpedRun disturbed(dump, network, std::make_shared<const Parameters>(noise.disturbed(network, parameters)),
                      run.session().options());
  for (int i = 0; i < runs; ++i)
    for (const auto& [path, moved] : computed(v, disturbed, &noise)) {
      const DumpTensor& whole = exact.at(path);
      const double passed_on = relative_distance(moved.value, whole.value),
                   own = noise.rounds_values() ? relative_distance(noise.disturbed(whole.value), whole.value)
                                               : 0,
                   rounding = std::hypot(passed_on, own);
      if (std::isfinite(rounding)) pairs[path].rounding = std::max(pairs[path].rounding, rounding);
    }
  return pairs;
}

/// Holds the rows also against a run whose nodes round their factors to the nearest.
void round_to_nearest(Pairs& pairs, const Verification& v, const ReferenceDump& dump, DumpedRun& run,
                      const Graph& network, const Parameters& parameters, RoundingNoise nearest) {
  DumpedRun rounded(dump, network, std::make_shared<const Parameters>(nearest.disturbed(network, parameters)),
                    run.session().options());
  for (const auto& [path, ours] : computed(v, rounded, &nearest))
    if (dump.contains(path)) pairs[path].nearest = relative_distance(ours.value, dump.read(path).value);
}

/// What of the distances is still to be explained.
std::vector<Pair> unexplained(const Verification& v, const Pairs& pairs) {
  std::vector<Pair> off;
  for (const auto& [path, pair] : pairs)
    if (!(*pair.row->local <= std::max(v.bar(*pair.row), pair.row->explained))) off.push_back(pair);
  return off;
}

/// What of a distance rounding explains: four times what it was measured to do, and more where a few signs or
/// winners in between, which change or do not, make most of it.
double explained_by(const Verification& v, const Pair& pair, double scale) {
  if (pair.nearest <= v.bar(*pair.row)) return *pair.row->local;
  return (pair.row->of_several ? 12 : 4) * scale * pair.rounding;
}

/// Whether rounding, so many times as large as it was measured, explains at least half of what is off, and
/// not only a few rows. Then says so in the rows.
bool explain(const Verification& v, const Pairs& pairs, double scale, double least = 0) {
  const std::vector<Pair> off = unexplained(v, pairs);
  const auto explains = [&](const Pair& pair) { return std::max(explained_by(v, pair, scale), least); };
  const auto explained =
      std::ranges::count_if(off, [&](const Pair& pair) { return *pair.row->local <= explains(pair); });
  if (explained < 3 || 2 * explained < std::ssize(off)) return false;
  for (const auto& [path, pair] : pairs) pair.row->explained = std::max(pair.row->explained, explains(pair));
  return true;
}

/// The format that three quarters of the dump's tensors fit: a few may be changed or trivial.
NumberFormat stored_format(const ReferenceDump& dump) {
  std::vector<NumberFormat> formats;
  for (const std::string& path : dump.paths())
    if (path != "input")
      if (const NumberFormat format = format_of(dump.read(path).value); format.bits > 0)
        formats.push_back(format);
  if (formats.empty()) return {};
  std::ranges::sort(formats, {}, &NumberFormat::bits);
  NumberFormat format = formats[formats.size() * 3 / 4];
  for (const NumberFormat& other : formats)
    if (other.bits <= format.bits) format.finest = std::min(format.finest, other.finest);
  return format;
}

/// Of the kinds that multiply, those whose nodes are mostly off; where the dump holds none of a kind, it may
/// be.
std::set<std::string> suspects(const Verification& v, const Graph& network) {
  std::set<std::string> kinds;
  for (const std::string kind : {"conv", "linear"}) {
    int judged = 0, off = 0;
    for (const VerifiedValue& row : v.values)
      if (row.kind == kind && row.forward.local)
        ++judged, off += !(*row.forward.local <= std::max(v.bar(row.forward), row.forward.explained));
    const bool exists =
        std::ranges::any_of(network.nodes(), [&](const Node& node) { return node.op->kind() == kind; });
    if (exists && 2 * off >= judged) kinds.insert(kind);
  }
  return kinds;
}

/// How many times as far as measured most are off; 0 where nothing tells.
double typical_ratio(const Verification& v, const Pairs& pairs) {
  std::vector<double> ratios;
  for (const Pair& pair : unexplained(v, pairs))
    if (pair.rounding > 0) ratios.push_back(*pair.row->local / pair.rounding);
  if (ratios.empty()) return 0;
  std::ranges::nth_element(ratios, ratios.begin() + std::ssize(ratios) / 2);
  return ratios[ratios.size() / 2];
}

}  // namespace

void explain_by_rounding(Verification& v, const ReferenceDump& dump, DumpedRun& run, const Graph& network,
                         const Parameters& parameters) {
  std::vector<const Distances*> off;
  for (const VerifiedValue& row : v.values)
    for (const Distances* d : {&row.forward, &row.backward})
      if (d->local && !(*d->local <= v.bar(*d))) off.push_back(d);
  if (off.empty()) return;
  const auto measured = [&](NumberFormat format, const std::set<std::string>& kinds) {
    return measure(v, dump, run, network, parameters, {format, kinds, 1});
  };

  // Fewer bits than these are reduced: float64 has 53, float32 24.
  const int whole = (dump.precision() == Precision::float64 ? 53 : 24) - 3;
  const auto of_several = [](const Distances* d) { return d->of_several; };
  if (std::ranges::all_of(off, of_several)) {
    // float32's own rounding, three bits of it for the order of sums, and the signs that it changes.
    const int own = std::min(whole, run.session().precision() == Precision::float64 ? 50 : 21);
    const Pairs pairs = measured({own, -149}, {"conv", "linear"});
    v.hidden_kinks = std::ranges::all_of(unexplained(v, pairs), [&](const Pair& pair) {
      return *pair.row->local <= explained_by(v, pair, 1);
    });
    if (v.hidden_kinks) return;
  }
  if (const NumberFormat format = stored_format(dump); format.bits < whole) {
    const double float32_bar = 1e-5;  // who rounds to 24 bits computes with as many
    if (explain(v, measured(format, {}), 1, format.bits == 24 ? float32_bar : 0))
      v.reduced = {.bits = static_cast<double>(format.bits), .stored = true, .kinds = {}};
  }
  const std::set<std::string> kinds = suspects(v, network);
  if (kinds.empty()) return;
  const double bits = tf32.bits - std::log2(typical_ratio(v, measured(tf32, kinds)));
  constexpr double fewest = 4;
  if (!(bits >= fewest && bits < whole)) return;
  const NumberFormat format{static_cast<int>(std::lround(bits)), tf32.finest};
  Pairs pairs = measured(format, kinds);
  round_to_nearest(pairs, v, dump, run, network, parameters, {format, kinds, {}});
  if (explain(v, pairs, std::exp2(format.bits - bits)))
    v.reduced = {.bits = bits, .stored = false, .kinds = {kinds.begin(), kinds.end()}};
}

}  // namespace backlight
