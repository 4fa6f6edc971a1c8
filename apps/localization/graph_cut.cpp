#include "apps/localization/graph_cut.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <cmath>

namespace backlight {
namespace {

using Capacity = std::int64_t;
using Network = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                      boost::property<boost::edge_index_t, std::size_t>>;
using Edge = boost::graph_traits<Network>::edge_descriptor;

Capacity rounded(double cost) { return std::llround(std::clamp(cost, -1e9, 1e9) * 65536); }

/// A flow network whose edges come in pairs, there and back.
struct FlowNetwork {
  Network graph;
  std::vector<Capacity> capacity;
  std::vector<Edge> reverse;  // of each edge

  explicit FlowNetwork(std::size_t vertices) : graph(vertices) {}

  void join(std::size_t a, std::size_t b, Capacity there, Capacity back) {
    const Edge forth = boost::add_edge(a, b, capacity.size(), graph).first;
    const Edge home = boost::add_edge(b, a, capacity.size() + 1, graph).first;
    capacity.insert(capacity.end(), {there, back});
    reverse.insert(reverse.end(), {home, forth});
  }

  /// The vertices that the source still reaches when all the flow that fits has gone to the sink.
  std::vector<boost::default_color_type> source_side(std::size_t source, std::size_t sink) {
    std::vector<Capacity> residual(capacity.size());
    std::vector<boost::default_color_type> side(boost::num_vertices(graph));
    const auto index = boost::get(boost::edge_index, graph);
    const auto by_edge = [&](auto& values) {
      return boost::make_iterator_property_map(values.begin(), index);
    };
    const auto vertex = boost::get(boost::vertex_index, graph);
    boost::boykov_kolmogorov_max_flow(graph, by_edge(capacity), by_edge(residual), by_edge(reverse),
                                      boost::make_iterator_property_map(side.begin(), vertex), vertex, source,
                                      sink);
    return side;
  }
};

}  // namespace

std::vector<std::uint8_t> minimum_cut(std::span<const double> foreground_cost,
                                      std::span<const double> background_cost, std::span<const Link> links) {
  const std::size_t pixels = foreground_cost.size(), source = pixels, sink = pixels + 1;
  FlowNetwork network(pixels + 2);
  // Only the difference of a pixel's costs matters: it is cut off from the label that it does not get.
  for (std::size_t p = 0; p < pixels; ++p) {
    const Capacity for_foreground = rounded(background_cost[p] - foreground_cost[p]);
    if (for_foreground > 0)
      network.join(source, p, for_foreground, 0);
    else
      network.join(p, sink, -for_foreground, 0);
  }
  for (const Link& link : links) {
    const Capacity weight = rounded(link.weight);
    network.join(static_cast<std::size_t>(link.a), static_cast<std::size_t>(link.b), weight, weight);
  }
  const auto side = network.source_side(source, sink);
  std::vector<std::uint8_t> labels(pixels);
  std::transform(side.begin(), side.begin() + static_cast<std::ptrdiff_t>(pixels), labels.begin(),
                 [](auto colour) { return colour == boost::black_color; });
  return labels;
}

}  // namespace backlight
