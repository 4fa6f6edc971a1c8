#include "apps/explained_score.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <vector>

#include "engine/error.h"
#include "kernels/log_sum_exp.h"
#include "weights/text.h"

namespace backlight {
namespace {

[[noreturn]] void refuse(const ExplainedScore& objective, const std::string& why) {
  throw UsageError("--objective " + printable(objective.text) + ": " + why);
}

std::int64_t index_of(const ExplainedScore& objective, std::string_view text) {
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index < 0)
    refuse(objective, "'" + printable(text) + "' is no index");
  return index;
}

/// How many letters must be put in, taken out or replaced (Levenshtein 1966).
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t before = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = before + (a[i - 1] != b[j - 1]);
      before = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

void check(const ExplainedScore& objective, const Shape& shape) {
  const auto within = [&](const char* what, std::optional<std::int64_t> index, std::int64_t count) {
    if (index && *index >= count)
      refuse(objective, "'" + objective.node + "' has the " + what + " 0 to " + std::to_string(count - 1));
  };
  within("channels", objective.channel, shape.channels());
  within("rows", objective.y, shape.height());
  within("columns", objective.x, shape.width());
}

}  // namespace

ExplainedScore score_from_text(const std::string& text) {
  ExplainedScore objective{.text = text};
  if (text == "logit") return objective;
  if (text == "softmax" || text == "cross_entropy") {
    objective.kind = text == "softmax" ? ExplainedScore::Kind::softmax : ExplainedScore::Kind::cross_entropy;
    return objective;
  }
  if (!text.starts_with("node:"))
    refuse(objective, "logit, softmax, cross_entropy or node:NODE[:CHANNEL[:Y,X]] is expected");
  objective.kind = ExplainedScore::Kind::node;
  const std::string_view rest = std::string_view(text).substr(5);
  const std::size_t name_end = std::min(rest.find(':'), rest.size());
  objective.node = rest.substr(0, name_end);
  if (objective.node.empty()) refuse(objective, "the name of a node is missing");
  if (name_end == rest.size()) return objective;
  const std::string_view places = rest.substr(name_end + 1);
  const std::size_t channel_end = std::min(places.find(':'), places.size());
  objective.channel = index_of(objective, places.substr(0, channel_end));
  if (channel_end == places.size()) return objective;
  const std::string_view pixel = places.substr(channel_end + 1);
  const std::size_t comma = pixel.find(',');
  if (comma == pixel.npos) refuse(objective, "Y,X is expected after the channel");
  objective.y = index_of(objective, pixel.substr(0, comma));
  objective.x = index_of(objective, pixel.substr(comma + 1));
  return objective;
}

ValueId named_value(const Graph& graph, const std::string& option, const std::string& name) {
  if (const auto id = graph.find(name)) return *id;
  std::vector<std::pair<std::size_t, std::string>> names;
  for (const Value& value : graph.values()) names.emplace_back(edits(name, value.name), value.name);
  std::ranges::sort(names);
  std::string text =
      option + " " + printable(name) + ": the network has no node of this name; the nearest are";
  for (std::size_t i = 0; i < std::min<std::size_t>(3, names.size()); ++i)
    text += (i ? ", " : " ") + names[i].second;
  throw UsageError(text + "; backlight info lists them");
}

ValueId score_value(const Graph& graph, const ExplainedScore& objective) {
  if (objective.kind != ExplainedScore::Kind::node) return graph.output();
  const ValueId id = named_value(graph, "--objective", objective.node);
  check(objective, graph.value(id).shape);
  return id;
}

double start_gradient(const ExplainedScore& objective, const Shape& shape, int target,
                      std::span<const float> values, std::span<float> seed) {
  const auto k = static_cast<std::size_t>(target);
  if (objective.kind == ExplainedScore::Kind::logit) {
    seed[k] = 1;
    return static_cast<double>(values[k]);
  }
  if (objective.kind != ExplainedScore::Kind::node) {
    std::vector<double> p(values.begin(), values.end());
    const double log_sum = log_sum_exp(std::span(p));
    const bool is_softmax = objective.kind == ExplainedScore::Kind::softmax;
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double other = (j == k ? 1.0 : 0.0) - p[j];
      seed[j] = static_cast<float>(is_softmax ? p[k] * other : -other);
    }
    return is_softmax ? p[k] : log_sum - static_cast<double>(values[k]);
  }
  double sum = 0;
  for (std::int64_t c = 0; c < shape.channels(); ++c)
    for (std::int64_t p = 0; p < shape.pixels(); ++p) {
      if (objective.channel && c != *objective.channel) continue;
      if (objective.y && p != *objective.y * shape.width() + *objective.x) continue;
      const auto i = static_cast<std::size_t>(c * shape.pixels() + p);
      seed[i] = 1;
      sum += static_cast<double>(values[i]);
    }
  return sum;
}

std::string describe(const ExplainedScore& objective, const std::string& class_name) {
  switch (objective.kind) {
    case ExplainedScore::Kind::logit:
      return "logit of " + class_name;
    case ExplainedScore::Kind::softmax:
      return "probability of " + class_name;
    case ExplainedScore::Kind::cross_entropy:
      return "cross-entropy of " + class_name;
    case ExplainedScore::Kind::node:
      break;
  }
  std::string text = (objective.y ? "" : "sum of ") + objective.node;
  if (objective.channel) text += ", channel " + std::to_string(*objective.channel);
  if (objective.y) text += " at " + std::to_string(*objective.y) + "," + std::to_string(*objective.x);
  return text;
}

}  // namespace backlight
