#include <cmath>
#include <cstdio>

#include "apps/demo/page.h"
#include "engine/session.h"
#include "layers/relu.h"

namespace backlight::demo {
namespace {

std::string row(const std::string& name, const std::vector<float>& numbers, bool given) {
  std::string html = given ? "<tr class=\"given\"><th>" : "<tr><th>";
  html += name + "</th>";
  for (const float number : numbers) {
    char text[16];
    std::snprintf(text, sizeof text, "%s%g", number < 0 ? "\u2212" : "",
                  std::abs(static_cast<double>(number)));
    html += std::string(number == 0 ? "<td class=\"zero\">" : "<td>") + text + "</td>";
  }
  return html + "</tr>\n";
}

}  // namespace

std::string relu_rows() {
  const std::vector<float> x{3, 1, 2, -1, -2, -4}, g{2, -5, 0.5f, 4, -3, 1};
  Graph graph;
  graph.add("relu", std::make_shared<Relu>(), {graph.input("x", {1, static_cast<std::int64_t>(x.size())})});
  std::string rows =
      row("<var>x</var>, what came in", x, true) + row("<var>g</var>, what comes back", g, true);
  for (const ReluRule rule : rules) {
    Session session(graph, std::make_shared<Parameters>(Precision::float32),
                    differentiate(graph, graph.output(), {graph.at("x")}, rule));
    session.set("x", std::span<const float>(x));
    session.forward();
    session.backward(std::span<const float>(g));
    rows += row(std::string(to_string(rule)), session.gradient<float>("x"), false);
  }
  return rows;
}

}  // namespace backlight::demo
