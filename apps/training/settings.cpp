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
    // A fraction where a whole number belongs, a number that is too large, a setting that is none: all change
    // on the way.
    if (to_json(settings) != json)
      throw Error(where + ": the settings of the run are not as they are written");
  } catch (const nlohmann::json::exception& error) {
    throw Error(where + ": the settings of the run cannot be read: " + error.what());
  } catch (const UsageError& error) {
    throw Error(where + ": " + error.what());
  }
  check(settings, where);
  return settings;
}

void check(const TrainingSettings& s, const std::string& where) {
  const auto expect = [&](bool good, const char* name) {
    if (!good) throw Error(where + ": the setting '" + name + "' of the run is out of range");
  };
  const auto in = [](auto value, auto low, auto high) { return value >= low && value <= high; };
  constexpr int most_pictures = 10'000'000;
  expect(in(s.input_size, 8, 1024), "input_size");
  expect(in(s.epochs, 1, 100'000), "epochs");
  expect(in(s.batch, 1, 4096), "batch");
  expect(in(s.pictures, 1, most_pictures), "pictures");
  expect(in(s.held_out, 1, most_pictures), "held_out");
  expect(in(s.final_test, 1, most_pictures), "final_test");
  expect(in(s.hold_out, 0.0, 0.9), "hold_out");
  expect(in(s.optimizer.weight_decay, 0.0, 10.0), "weight_decay");
  expect(in(s.optimizer.momentum, 0.0, 0.9999), "momentum");
  expect(in(s.rate, 1e-9, 1e30), "rate");
  expect(in(s.warmup, 0.0, 0.9), "warmup");
  expect(in(s.mixup, 0.0, 1.0), "mixup");
  expect(in(s.smoothing, 0.0, 0.9), "smoothing");
}

double scheduled_rate(const TrainingSettings& settings, std::int64_t step, std::int64_t steps) {
  const double done = static_cast<double>(step), all = static_cast<double>(steps);
  const double rising = std::floor(settings.warmup * all);
  if (done < rising) return settings.rate * (done + 1) / rising;
  return settings.rate * (1 + std::cos(std::numbers::pi * (done - rising) / (all - rising))) / 2;
}

}  // namespace backlight
