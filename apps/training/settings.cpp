#include "apps/training/settings.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "engine/error.h"

namespace backlight {
namespace {

/// Calls visit(name, field) for every setting but the optimizer's method: what writes and reads them is one
/// list.
template <class Settings, class Visit>
void for_each_setting(Settings& s, Visit visit) {
  visit("data", s.data);
  visit("architecture", s.architecture);
  visit("input_size", s.input_size);
  visit("epochs", s.epochs);
  visit("batch", s.batch);
  visit("pictures", s.pictures);
  visit("held_out", s.held_out);
  visit("final_test", s.final_test);
  visit("hold_out", s.hold_out);
  visit("weight_decay", s.optimizer.weight_decay);
  visit("momentum", s.optimizer.momentum);
  visit("rate", s.rate);
  visit("warmup", s.warmup);
  visit("mixup", s.mixup);
  visit("smoothing", s.smoothing);
  visit("seed", s.seed);
}

}  // namespace

nlohmann::json to_json(const TrainingSettings& settings) {
  nlohmann::json json{{"optimizer", to_string(settings.optimizer.method)}};
  for_each_setting(settings, [&](const char* name, const auto& field) { json[name] = field; });
  return json;
}

TrainingSettings settings_from_json(const std::string& text, const std::string& where) {
  TrainingSettings settings;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    settings.optimizer.method = optimizer_from_name(json.at("optimizer").get<std::string>());
    for_each_setting(settings, [&](const char* name, auto& field) { json.at(name).get_to(field); });
  } catch (const nlohmann::json::exception& error) {
    throw Error(where + ": the settings of the run cannot be read: " + error.what());
  } catch (const UsageError& error) {
    throw Error(where + ": " + error.what());
  }
  return settings;
}

double scheduled_rate(const TrainingSettings& settings, std::int64_t step, std::int64_t steps) {
  const double done = static_cast<double>(step), all = static_cast<double>(steps);
  const double rising = std::floor(settings.warmup * all);
  if (done < rising) return settings.rate * (done + 1) / rising;
  return settings.rate * (1 + std::cos(std::numbers::pi * (done - rising) / (all - rising))) / 2;
}

}  // namespace backlight
