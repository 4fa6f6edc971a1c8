#include "weights/verification/dump_comparison.h"

#include <algorithm>
#include <limits>
#include <set>

#include "engine/error.h"
#include "layers/network.h"
#include "weights/text.h"

namespace backlight {
namespace {

using Part = ReferenceDump::Part;

void expect_same_question(const ReferenceDump& first, const ReferenceDump& second) {
  const auto expect_same = [&](const std::string& what, std::string_view one, std::string_view other) {
    if (one != other)
      throw Error(second.file() + ": its " + what + " is '" + printable(other) + "', that of " +
                  first.file() + " is '" + printable(one) + "': they are not comparable");
  };
  expect_same("architecture", first.architecture(), second.architecture());
  expect_same("rule", to_string(first.rule()), to_string(second.rule()));
  expect_same("objective", to_string(first.objective()), to_string(second.objective()));
  expect_same("input's shape", to_string(first.input_shape()), to_string(second.input_shape()));
  constexpr auto any = std::numeric_limits<std::int64_t>::max();
  if (first.target(any) != second.target(any))
    throw Error(second.file() + ": its targets are other classes than those of " + first.file());
}

/// Both on the elements that both hold.
double distance(DumpTensor first, DumpTensor second) {
  if (first.whole()) return relative_distance(first.value, second);
  if (!second.whole()) {
    DumpTensor common{second.shape, {}, {}};
    std::vector<double> ours;
    for (std::size_t i = 0, j = 0; i < first.index.size() && j < second.index.size();) {
      if (first.index[i] == second.index[j])
        ours.push_back(first.value[i++]), common.value.push_back(second.value[j++]);
      else
        first.index[i] < second.index[j] ? ++i : ++j;
    }
    return relative_distance(ours, common);
  }
  std::vector<double> theirs;
  for (const std::int64_t i : first.index) theirs.push_back(second.value[static_cast<std::size_t>(i)]);
  return relative_distance(first.value, {second.shape, {}, theirs});
}

/// The network without weights, for the order of its nodes; of an unknown one, or one that cannot have such
/// an input, none.
std::optional<Graph> network_of(const ReferenceDump& dump) {
  const Shape& input = dump.input_shape();
  if (input.height() != input.width()) return {};
  try {
    return build_network(
        dump.architecture(),
        {.batch = input.batch(), .input_size = input.height(), .classes = 1, .normalization = std::nullopt});
  } catch (const std::runtime_error&) {
    return {};
  }
}

/// The nodes of both dumps: those of the network in its order, then others.
std::vector<std::string> node_names(const ReferenceDump& first, const ReferenceDump& second,
                                    const std::optional<Graph>& network) {
  std::set<std::string> names;
  for (const ReferenceDump* dump : {&first, &second})
    for (const Part part : {Part::activations, Part::gradients})
      names.insert(dump->names(part).begin(), dump->names(part).end());
  std::vector<std::string> ordered;
  if (network)
    for (const Value& value : network->values())
      if (names.erase(value.name)) ordered.push_back(value.name);
  ordered.insert(ordered.end(), names.begin(), names.end());
  return ordered;
}

class Comparer {
 public:
  Comparer(const ReferenceDump& first, const ReferenceDump& second) : first_(first), second_(second) {}

  /// The distance of two tensors; none where not both dumps hold it. Shapes that differ go to `node`.
  std::optional<double> between(const std::string& path, ComparedNode& node) const {
    if (!first_.contains(path) || !second_.contains(path)) return {};
    const Shape &one = first_.shape(path), &other = second_.shape(path);
    if (one == other) return distance(first_.read(path), second_.read(path));
    node.misfit = to_string(one) + " and " + to_string(other);
    return {};
  }

  std::int64_t differing_signs(const std::string& path) const {
    const auto whole = [&](const ReferenceDump& dump) { return dump.contains(path) && dump.whole(path); };
    if (!whole(first_) || !whole(second_) || !(first_.shape(path) == second_.shape(path))) return 0;
    const std::vector<double> one = first_.read(path).value, other = second_.read(path).value;
    std::int64_t signs = 0;
    for (std::size_t i = 0; i < one.size(); ++i) signs += (one[i] > 0) != (other[i] > 0);
    return signs;
  }

 private:
  const ReferenceDump &first_, &second_;
};

}  // namespace

const ComparedNode* DumpComparison::first_divergent() const {
  const auto value = std::ranges::find_if(nodes, [&](const auto& node) { return value_off(node); });
  if (value != nodes.end()) return &*value;
  for (const bool parameter : {false, true}) {
    const auto gradient = std::find_if(nodes.rbegin(), nodes.rend(), [&](const auto& node) {
      return node.parameter == parameter && gradient_off(node);
    });
    if (gradient != nodes.rend()) return &*gradient;
  }
  return nullptr;
}

const ComparedNode* DumpComparison::first_sign() const {
  const auto node = std::ranges::find_if(nodes, [](const auto& each) { return each.signs > 0; });
  return node == nodes.end() ? nullptr : &*node;
}

DumpComparison compare(const ReferenceDump& first, const ReferenceDump& second,
                       std::optional<double> tolerance) {
  expect_same_question(first, second);
  const bool exact = first.precision() == Precision::float64 && second.precision() == Precision::float64;
  DumpComparison result;
  result.bar = tolerance.value_or(exact ? 1e-10 : 1e-4);
  const Comparer comparer(first, second);
  const auto add = [&](const std::string& name, const std::string& value, const std::string& gradient,
                       bool is_relu, bool is_parameter = false) {
    ComparedNode node{.name = name, .parameter = is_parameter};
    node.value = comparer.between(value, node);
    node.gradient = comparer.between(gradient, node);
    if (is_relu) node.signs = comparer.differing_signs(value);
    result.signs += node.signs;
    if (node.value || node.gradient || !node.misfit.empty()) result.nodes.push_back(std::move(node));
  };
  add("input", "input", "input_gradient", false);
  const std::optional<Graph> network = network_of(first);
  const auto is_relu = [&](const std::string& name) {
    const auto id = network ? network->find(name) : std::nullopt;
    return id && network->value(*id).producer >= 0 &&
           network->node(network->value(*id).producer).op->decisions() == Decisions::signs;
  };
  for (const std::string& name : node_names(first, second, network))
    add(name, ReferenceDump::path(Part::activations, name), ReferenceDump::path(Part::gradients, name),
        is_relu(name));
  add("logits", "logits", "", false);
  for (const std::string& name : first.names(Part::parameter_gradients))
    add(name, "", ReferenceDump::path(Part::parameter_gradients, name), false, true);

  std::ranges::set_difference(first.paths(), second.paths(), std::back_inserter(result.only_first));
  std::ranges::set_difference(second.paths(), first.paths(), std::back_inserter(result.only_second));
  if (result.nodes.size() == 1 && !result.nodes[0].gradient)  // the input alone
    throw Error(first.file() + " and " + second.file() + " hold nothing in common but the input");
  return result;
}

}  // namespace backlight
