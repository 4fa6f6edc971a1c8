#include "apps/inspection/kernel_comparison.h"

#include <bit>
#include <vector>

#include "engine/distance.h"

namespace backlight {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// What every node that decides something saved.
std::vector<Bytes> decisions(const Session& session) {
  std::vector<Bytes> all;
  for (NodeId id = 0; id < std::ssize(session.graph().nodes()); ++id) {
    all.emplace_back();
    if (session.graph().node(id).op->decisions() == Decisions::none) continue;
    const std::span<const std::uint8_t> saved = session.saved(id);
    all.back().assign(saved.begin(), saved.end());
  }
  return all;
}

std::vector<float> send_back(Session& session, int target) {
  const Shape& logits = session.graph().value(session.graph().output()).shape;
  std::vector<float> seed(static_cast<std::size_t>(logits.elements()));
  seed[static_cast<std::size_t>(target)] = 1;
  session.backward(std::span<const float>(seed));
  return session.gradient<float>("image");
}

void count(const Graph& graph, const std::vector<Bytes>& a, const std::vector<Bytes>& b,
           KernelComparison& result) {
  for (std::size_t id = 0; id < a.size(); ++id) {
    const Node& node = graph.nodes()[id];
    const Decisions kind = node.op->decisions();
    const std::int64_t elements = graph.value(node.output).shape.elements();
    (kind == Decisions::signs ? result.all_signs : result.all_winners) +=
        kind == Decisions::none ? 0 : elements;
    for (std::size_t i = 0; i < a[id].size(); ++i)
      if (kind == Decisions::signs)
        result.signs += std::popcount(static_cast<unsigned>(a[id][i] ^ b[id][i]));
      else
        result.winners += a[id][i] != b[id][i];
  }
}

}  // namespace

KernelComparison compare_kernels(const Model& a, const Model& b, ReluRule rule, std::span<const float> image,
                                 int target) {
  const std::unique_ptr<Session> first = a.session(1, rule, {}, true), second = b.session(1, rule, {}, true);
  first->set("image", image);
  first->forward();
  const std::vector<Bytes> decided = decisions(*first);
  const std::vector<float> gradient = send_back(*first, target);

  KernelComparison result;
  second->set("image", image);
  second->forward();
  count(second->graph(), decided, decisions(*second), result);
  result.apart = relative_distance(send_back(*second, target), gradient);

  second->forward();
  for (NodeId id = 0; id < std::ssize(decided); ++id)
    if (const Bytes& bytes = decided[static_cast<std::size_t>(id)]; !bytes.empty())
      second->overwrite_saved(id, bytes);
  second->forward(true);
  result.held = relative_distance(send_back(*second, target), gradient);
  return result;
}

}  // namespace backlight
