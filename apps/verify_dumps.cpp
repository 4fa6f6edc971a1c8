#include "apps/verify_dumps.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/formatted.h"
#include "apps/json_text.h"
#include "weights/text.h"
#include "weights/verification/dump_comparison.h"

namespace backlight {
namespace {

using Distance = std::optional<double>;

std::string number(Distance distance) { return distance ? formatted("%.1e", *distance) : "-"; }
nlohmann::json to_json(Distance distance) {
  return distance ? nlohmann::json(*distance) : nlohmann::json(nullptr);
}

bool is_off(const DumpComparison& c, const ComparedNode& node) {
  return c.value_off(node) || c.gradient_off(node);
}

Distance worst(const DumpComparison& c, Distance ComparedNode::*which) {
  Distance most;
  for (const ComparedNode& node : c.nodes)
    if (const Distance& distance = node.*which) most = std::max(most.value_or(0), *distance);
  return most;
}

std::string conclusion(const DumpComparison& c) {
  const ComparedNode* first = c.first_divergent();
  if (!first) return "pass: the dumps agree";
  if (!first->misfit.empty()) return "differs: first at '" + first->name + "', of shapes " + first->misfit;
  if (c.value_off(*first))
    return "differs: first at '" + first->name + "', whose values are " + number(first->value) + " apart";
  std::string text = "differs: on the way back first at '" + first->name + "', whose gradients are " +
                     number(first->gradient) + " apart; values agree";
  if (const ComparedNode* sign = c.first_sign())
    text += formatted(
        "; %lld signs differ (kinks), the first at '%s', which may be all: verify each against the "
        "weights to know",
        static_cast<long long>(c.signs), sign->name.c_str());
  return text;
}

std::string only(const std::vector<std::string>& paths, const std::string& file) {
  if (paths.empty()) return {};
  const std::string more = paths.size() > 1 ? formatted(" and %zu more", paths.size() - 1) : "";
  return "not compared, as only " + file + " holds it: '" + printable(paths.front()) + "'" + more + "\n";
}

void print_table(const ReferenceDump& first, const ReferenceDump& second, const DumpComparison& c) {
  std::printf("%s, rule %s, input %s: %s by %s, %s by %s\n", printable(first.architecture()).c_str(),
              std::string(to_string(first.rule())).c_str(), to_string(first.input_shape()).c_str(),
              first.file().c_str(), first.producer().c_str(), second.file().c_str(),
              second.producer().c_str());
  std::printf("relative distance of the first from the second, end to end; bar %.2g\n\n", c.bar);
  std::printf("%-26s %8s %8s  %6s  %s\n", "node", "value", "gradient", "signs", "verdict");
  for (const ComparedNode& node : c.nodes)
    std::printf("%-26s %8s %8s  %6lld  %s\n", printable(node.name).c_str(), number(node.value).c_str(),
                number(node.gradient).c_str(), static_cast<long long>(node.signs),
                !node.misfit.empty() ? ("shapes " + node.misfit).c_str()
                : is_off(c, node)    ? "differs"
                                     : "pass");
  std::printf("\n%s%s", only(c.only_first, first.file()).c_str(), only(c.only_second, second.file()).c_str());
  std::printf("worst: values %s, gradients %s\n%s\n", number(worst(c, &ComparedNode::value)).c_str(),
              number(worst(c, &ComparedNode::gradient)).c_str(), conclusion(c).c_str());
}

void print_report(const DumpComparison& c) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const ComparedNode& node : c.nodes)
    nodes.push_back({{"name", node.name},
                     {"kind", node.parameter ? "parameter" : "node"},
                     {"value", to_json(node.value)},
                     {"gradient", to_json(node.gradient)},
                     {"misfit", node.misfit.empty() ? nlohmann::json(nullptr) : nlohmann::json(node.misfit)},
                     {"signs", node.signs},
                     {"verdict", is_off(c, node) ? "differs" : "pass"}});
  const ComparedNode* first = c.first_divergent();
  print_json({{"verdict", first ? "differs" : "pass"},
              {"first_divergent", first ? nlohmann::json(first->name) : nlohmann::json(nullptr)},
              {"bars", {{"end_to_end", c.bar}}},
              {"worst",
               {{"value", to_json(worst(c, &ComparedNode::value))},
                {"gradient", to_json(worst(c, &ComparedNode::gradient))}}},
              {"signs", c.signs},
              {"only_first", c.only_first},
              {"only_second", c.only_second},
              {"nodes", std::move(nodes)}});
}

}  // namespace

bool verify_dumps(const std::string& first, const std::string& second, std::optional<double> tolerance,
                  bool json) {
  const ReferenceDump one(first), other(second);
  const DumpComparison result = compare(one, other, tolerance);
  if (json)
    print_report(result);
  else
    print_table(one, other, result);
  return !result.first_divergent();
}

}  // namespace backlight
