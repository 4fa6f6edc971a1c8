#include <cmath>

#include "apps/microscope/contents.h"

namespace backlight {
namespace {

double norm(const std::vector<double>& numbers) {
  double squares = 0;
  for (const double number : numbers) squares += number * number;
  return std::sqrt(squares);
}

/// "weight" of "layer1.0.conv2.weight".
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

nlohmann::json norms(const MicroscopeSubject& subject, const WalkRecord& record) {
  RunOptions exact = subject.run;
  exact.precision = Precision::float64;
  exact.passes = {.fold = false, .fuse = false};
  const Model model(subject.weights, exact);
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t id = 0; id < record.values.size(); ++id) rows.push_back(nlohmann::json::object());
  for (const ReluRule rule : three_rules) {
    Walk walk(model, rule);
    walk.run(subject.image, record.target);
    for (ValueId id = 0; id < std::ssize(record.values); ++id) {
      nlohmann::json& row = rows[static_cast<std::size_t>(id)];
      row["value"] = norm(walk.value<double>(id));
      row[std::string(to_string(rule))] = norm(walk.gradient<double>(id));
    }
  }
  return rows;
}

}  // namespace

nlohmann::json computed_contents(const MicroscopeSubject& subject, const Model& nodes,
                                 const WalkRecord& record, PageNumbers& numbers) {
  nlohmann::json list = nlohmann::json::array();
  for (const Node& node : record.graph.nodes()) {
    nlohmann::json json = describe_node(record.graph, node);
    for (const ParameterId id : node.parameters) {
      const Parameter& parameter = record.graph.parameter(id);
      if (parameter.role == ParameterSpec::Role::constant) continue;
      const std::vector<double> values = nodes.parameters().values(parameter.name);
      const std::vector<float> floats(values.begin(), values.end());
      json["parameters"][last_part(parameter.name)] = numbers.add(std::span<const float>(floats));
    }
    list.push_back(std::move(json));
  }
  std::vector<std::uint8_t> levels;
  for (const float level : subject.image) levels.push_back(static_cast<std::uint8_t>(level));
  return {{"nodes", std::move(list)},
          {"image", numbers.add(std::span<const std::uint8_t>(levels))},
          {"check", norms(subject, record)}};
}

}  // namespace backlight
