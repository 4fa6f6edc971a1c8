#include "apps/training/settings.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>
#include <stdexcept>
#include <type_traits>

#include "apps/json_text.h"
#include "apps/range.h"
#include "engine/error.h"

namespace backlight {
namespace {

constexpr double most_pictures = 10'000'000;

/// Calls visit(name, field, range) for every setting but the optimizer's method: what writes, reads and
/// checks them is one list.
template <class Settings, class Visit>
void for_each_setting(Settings& s, Visit visit_setting) {
  const auto visit = [&](const char* name, auto& field, SettingRange range) {
    visit_setting(name, field, range);
  };
  visit("data", s.data, {});
  visit("architecture", s.architecture, {});
  visit("input_size", s.input_size, {8, 1024});
  visit("epochs", s.epochs, {1, 100'000});
  visit("batch", s.batch, {1, 4096});
  visit("pictures", s.pictures, {1, most_pictures});
  visit("held_out", s.held_out, {1, most_pictures});
  visit("final_test", s.final_test, {1, most_pictures});
  visit("hold_out", s.hold_out, {0, 0.9});
  visit("weight_decay", s.optimizer.weight_decay, {0, 10});
  visit("momentum", s.optimizer.momentum, {0, 0.9999});
  visit("rate", s.rate, {1e-9, 1e6});
  visit("warmup", s.warmup, {0, 0.9});
  visit("mixup", s.mixup, {0, 1});
  visit("smoothing", s.smoothing, {0, 0.9});
  visit("seed", s.seed, {});
}

}  // namespace

nlohmann::json to_json(const TrainingSettings& settings) {
  nlohmann::json json{{"optimizer", to_string(settings.optimizer.method)}};
  for_each_setting(settings, [&](const char* name, const auto& field, SettingRange) { json[name] = field; });
  return json;
}

TrainingSettings settings_from_json(const std::string& text, const std::string& where) {
  TrainingSettings settings;
  try {
    const nlohmann::json json = parse_json(text);
    settings.optimizer.method = optimizer_from_name(json.at("optimizer").get<std::string>());
    for_each_setting(settings,
                     [&](const char* name, auto& field, SettingRange) { json.at(name).get_to(field); });
    // A fraction where a whole number belongs, a number that is too large, a setting that is none: all change
    // on the way.
    if (to_json(settings) != json)
      throw Error(where + ": the settings of the run are not as they are written");
  } catch (const nlohmann::json::exception&) {
    throw Error(where + ": the settings of the run are damaged: one is missing or of another type");
  } catch (const UsageError& error) {
    throw Error(where + ": " + error.what());
  }
  check(settings, where);
  return settings;
}

SettingRange setting_range(const std::string& name) {
  std::optional<SettingRange> found;
  const TrainingSettings any;
  for_each_setting(any, [&](const char* other, const auto&, SettingRange range) {
    if (name == other) found = range;
  });
  if (!found) throw std::out_of_range("no setting is called " + name);
  return *found;
}

void check(const TrainingSettings& settings, const std::string& where) {
  for_each_setting(settings, [&]<class Field>(const char* name, const Field& field, SettingRange range) {
    if constexpr (std::is_arithmetic_v<Field>)
      if (const auto value = static_cast<double>(field); !(value >= range.low && value <= range.high))
        throw Error(where + ": the setting '" + name + "' of the run is " + nlohmann::json(field).dump() +
                    ": a number from " + range_text(range.low, range.high) + " is expected");
  });
}

double scheduled_rate(const TrainingSettings& settings, std::int64_t step, std::int64_t steps) {
  const double done = static_cast<double>(step), all = static_cast<double>(steps);
  const double rising = std::floor(settings.warmup * all);
  if (done < rising) return settings.rate * (done + 1) / rising;
  return settings.rate * (1 + std::cos(std::numbers::pi * (done - rising) / (all - rising))) / 2;
}

}  // namespace backlight
