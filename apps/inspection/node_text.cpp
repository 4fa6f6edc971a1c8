#include "apps/inspection/node_text.h"

#include "apps/formatted.h"

namespace backlight {
namespace {

std::string percent(double share) { return formatted("%.1f %%", 100 * share); }

std::string line(const std::string& what, const Statistics& s) {
  return formatted("  %-10s %s to %s, mean %s, norm %s, %s zeros\n", what.c_str(),
                   formatted("%.4g", s.least).c_str(), formatted("%.4g", s.largest).c_str(),
                   formatted("%.4g", s.mean).c_str(), formatted("%.4g", s.norm).c_str(),
                   percent(s.zeros).c_str());
}

nlohmann::json to_json(const Statistics& s) {
  return {{"min", s.least}, {"max", s.largest}, {"mean", s.mean}, {"norm", s.norm}, {"zeros", s.zeros}};
}

}  // namespace

std::string node_table(const std::vector<NodeReport>& reports) {
  std::string text = formatted("%-24s %-13s %-14s %10s %10s %7s %11s %7s %7s  %s\n", "node", "kind", "output",
                               "least", "largest", "zeros%", "|gradient|", "zeros%", "cosine", "");
  for (const NodeReport& r : reports) {
    text += formatted("%-24s %-13s %-14s %10.4g %10.4g %7.1f", shortened(r.name, 24).c_str(), r.kind.c_str(),
                      to_string(r.shape).c_str(), r.value.least, r.value.largest, 100 * r.value.zeros);
    text += r.gradient ? formatted(" %11.4g %7.1f", r.gradient->norm, 100 * r.gradient->zeros)
                       : formatted(" %11s %7s", "-", "-");
    text += r.cosine ? formatted(" %7.3f", *r.cosine) : formatted(" %7s", "");
    if (r.relu)
      text += formatted("  %.1f %% active, of these %.1f %% get a gradient below 0", 100 * r.relu->active,
                        100 * r.relu->against);
    if (r.max_pool)
      text += formatted("  %.1f %% of the windows all zero, %.1f %% tied", 100 * r.max_pool->all_zero,
                        100 * r.max_pool->tied);
    text += "\n";
  }
  return text;
}

std::string node_text(const NodeReport& r) {
  std::string text = r.name + ": " + r.kind + (r.description.empty() ? "" : " " + r.description) + " of";
  for (const std::string& input : r.inputs) text += " " + input;
  text += ", output " + to_string(r.shape) + "\n" + line("values", r.value);
  if (r.gradient) text += line("gradient", *r.gradient);
  if (!r.gradient) text += "  gradient   none gets here\n";
  if (r.cosine) text += formatted("  %-10s %.4f with the plain gradient\n", "cosine", *r.cosine);
  if (r.relu)
    text += "  active     " + percent(r.relu->active) + " of the units; the gradient that comes to " +
            percent(r.relu->against) + " of these is below 0\n  killed     " +
            percent(r.relu->killed_by_mask) + " of the units by the mask alone (x <= 0), " +
            percent(r.relu->killed_by_sign) + " by the sign of g alone, " + percent(r.relu->killed_by_both) +
            " by both\n";
  if (r.max_pool)
    text += "  windows    " + percent(r.max_pool->all_zero) + " all zero, " + percent(r.max_pool->tied) +
            " with more than one maximum\n";
  return text;
}

nlohmann::json node_json(const NodeReport& r) {
  nlohmann::json json{{"name", r.name},
                      {"kind", r.kind},
                      {"description", r.description},
                      {"inputs", r.inputs},
                      {"shape", r.shape.extents()},
                      {"value", to_json(r.value)},
                      {"gradient", nullptr}};
  if (r.gradient) json["gradient"] = to_json(*r.gradient);
  if (r.cosine) json["cosine_with_gradient"] = *r.cosine;
  if (r.relu)
    json["relu"] = {{"active", r.relu->active},
                    {"active_with_negative_gradient", r.relu->against},
                    {"killed_by_mask", r.relu->killed_by_mask},
                    {"killed_by_sign", r.relu->killed_by_sign},
                    {"killed_by_both", r.relu->killed_by_both}};
  if (r.max_pool) json["max_pool"] = {{"all_zero", r.max_pool->all_zero}, {"tied", r.max_pool->tied}};
  return json;
}

}  // namespace backlight
