#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/attribution.h"
#include "apps/inspection/node_report.h"
#include "apps/microscope/contents.h"
#include "apps/microscope/specimens.h"

namespace backlight {
namespace {

constexpr std::size_t most_channels = 2;     // of each value
constexpr std::size_t most_differences = 3;  // of the picture's numbers

nlohmann::json plane(std::span<const float> numbers, std::size_t channels, PageNumbers& all) {
  const std::vector<float> strongest = signed_saliency_map(numbers, channels);
  float scale = 0;
  for (const float number : strongest) scale = std::max(scale, std::abs(number));
  std::vector<std::int8_t> levels;
  for (const float number : strongest)
    levels.push_back(static_cast<std::int8_t>(scale > 0 ? std::lround(127 * number / scale) : 0));
  return {{"plane", all.add(std::span<const std::int8_t>(levels))}, {"scale", scale}};
}

nlohmann::json value_json(const WalkRecord& record, std::size_t id, PageNumbers& all) {
  const Shape& shape = record.graph.value(static_cast<ValueId>(id)).shape;
  const auto channels = static_cast<std::size_t>(shape.channels()),
             pixels = static_cast<std::size_t>(shape.pixels());
  nlohmann::json json{{"value", plane(record.values[id], channels, all)}};
  const auto channel_of = [&](const std::vector<float>& numbers, std::size_t c) {
    return all.add_halves(std::span(numbers).subspan(c * pixels, pixels));
  };
  nlohmann::json chosen = nlohmann::json::array();
  const std::vector<std::size_t> which =
      pixels > 1 ? strongest_channels(record.gradients[0][id], channels, most_channels)
                 : std::vector<std::size_t>();
  for (const std::size_t c : which)
    chosen.push_back({{"channel", c}, {"value", channel_of(record.values[id], c)}});
  for (std::size_t r = 0; r < three_rules.size(); ++r) {
    const std::string rule(to_string(three_rules[r]));
    json[rule] = plane(record.gradients[r][id], channels, all);
    for (std::size_t i = 0; i < which.size(); ++i)
      chosen[i][rule] = channel_of(record.gradients[r][id], which[i]);
  }
  json["channels"] = std::move(chosen);
  return json;
}

nlohmann::json counts(const WalkRecord& record, const Node& node) {
  const auto in = static_cast<std::size_t>(node.inputs[0]), out = static_cast<std::size_t>(node.output);
  if (node.op->decisions() == Decisions::winners) {
    const MaxPoolReport pool = max_pool_report(node, record.graph.value(node.inputs[0]).shape,
                                               record.graph.value(node.output).shape, record.values[in]);
    return {{"all_zero", pool.all_zero}, {"tied", pool.tied}};
  }
  nlohmann::json json;
  if (node.op->decisions() == Decisions::signs)
    for (std::size_t r = 0; r < three_rules.size(); ++r) {
      const ReluReport n = relu_report(record.values[out], record.gradients[r][out]);
      // What each rule asks: the mask, both, the sign.
      const bool mask = three_rules[r] != ReluRule::deconvnet, sign = three_rules[r] != ReluRule::gradient;
      json[std::string(to_string(three_rules[r]))] = {
          {"active", n.active},
          {"against", n.against},
          {"mask", (mask ? n.killed_by_mask : 0) + (mask && !sign ? n.killed_by_both : 0)},
          {"sign", (sign ? n.killed_by_sign : 0) + (sign && !mask ? n.killed_by_both : 0)},
          {"both", mask && sign ? n.killed_by_both : 0}};
    }
  return json;
}

/// [x > 0] of each unit of a ReLU, row-major C,H,W: eight to a byte, the first in the lowest bit.
nlohmann::json mask(std::span<const float> output, PageNumbers& all) {
  std::vector<std::uint8_t> bits((output.size() + 7) / 8);
  for (std::size_t i = 0; i < output.size(); ++i)
    bits[i / 8] |= static_cast<std::uint8_t>((output[i] > 0 ? 1 : 0) << i % 8);
  return all.add(std::span<const std::uint8_t>(bits));
}

/// Finite differences of the numbers of the picture whose gradients are the strongest, in float64.
nlohmann::json differences(const MicroscopeSubject& subject, const WalkRecord& record) {
  RunOptions exact = subject.run;
  exact.precision = Precision::float64;
  const Model model(subject.weights, exact);
  const std::unique_ptr<Session> session = model.session(1);
  std::vector<double> image(subject.image.begin(), subject.image.end());
  const auto score = [&] {
    session->set("image", std::span<const double>(image));
    session->forward();
    const Graph& graph = session->graph();
    return session->value<double>(graph.value(graph.output()).name)[static_cast<std::size_t>(record.target)];
  };
  const std::vector<float>& gradient = record.gradients[0][0];
  std::vector<std::size_t> order(gradient.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::partial_sort(order, order.begin() + most_differences, std::greater<>(),
                            [&](std::size_t i) { return std::abs(gradient[i]); });
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t n = 0; n < most_differences; ++n) {
    const std::size_t i = order[n];
    nlohmann::json points = nlohmann::json::array();
    for (int power = -12; power <= 6; power += 3) {
      const double epsilon = std::exp2(power), middle = image[i];
      image[i] = middle + epsilon;
      const double above = score();
      image[i] = middle - epsilon;
      const double below = score();
      image[i] = middle;
      points.push_back({{"epsilon", epsilon}, {"slope", (above - below) / (2 * epsilon)}});
    }
    rows.push_back({{"index", i}, {"gradient", gradient[i]}, {"points", std::move(points)}});
  }
  return rows;
}

}  // namespace

nlohmann::json stored_contents(const MicroscopeSubject& subject, const Model& nodes, const WalkRecord& record,
                               PageNumbers& numbers) {
  nlohmann::json list = nlohmann::json::array(), values = nlohmann::json::array(),
                 known = nlohmann::json::object();
  for (const Node& node : record.graph.nodes()) {
    nlohmann::json json = describe_node(record.graph, node);
    json["counts"] = counts(record, node);
    if (node.op->decisions() == Decisions::signs)
      json["mask"] = mask(record.values[static_cast<std::size_t>(node.output)], numbers);
    for (const ParameterId id : node.parameters)
      if (record.graph.parameter(id).name.ends_with(".bias")) json["parameters"]["bias"] = true;
    list.push_back(std::move(json));
  }
  for (std::size_t id = 0; id < record.values.size(); ++id) values.push_back(value_json(record, id, numbers));
  KnownNumbers spelled = spell_out(record, nodes.parameters());
  for (std::size_t i = 0; i < record.logits.size(); ++i)
    spelled["value " + std::to_string(record.values.size() - 1)][static_cast<std::uint32_t>(i)] =
        record.logits[i];
  for (const auto& [what, elements] : spelled) {
    std::vector<std::uint32_t> indices;
    std::vector<float> found;
    for (const auto& [index, number] : elements) indices.push_back(index), found.push_back(number);
    known[what] = {{"indices", numbers.add(std::span<const std::uint32_t>(indices))},
                   {"numbers", numbers.add(std::span<const float>(found))}};
  }
  std::vector<std::uint8_t> levels;
  for (const float level : subject.image) levels.push_back(static_cast<std::uint8_t>(level));
  return {
      {"nodes", std::move(list)},
      {"values", std::move(values)},
      {"known", std::move(known)},
      {"logits", record.logits},
      {"image", numbers.add(std::span<const std::uint8_t>(levels))},
      {"differences", differences(subject, record)},
      {"left_out",
       "it holds a plane for each (of all channels the strongest), its " + std::to_string(most_channels) +
           " channels with the strongest gradients, and the place where its gradient is strongest, spelled "
           "out, and the mask of every ReLU; what else there was is left out."},
      {"precision",
       "planes in 8 bits of their own scale, channels in half precision, spelled-out numbers in float32."}};
}

}  // namespace backlight
