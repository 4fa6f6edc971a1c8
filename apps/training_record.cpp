#include "apps/training_record.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "weights/text.h"

namespace backlight {
namespace {

/// The field of that name, if it is what `is` asks for; else null.
const nlohmann::json* field(const nlohmann::json& record, const char* name,
                            bool (nlohmann::json::*is)() const noexcept) {
  const auto found = record.find(name);
  return found != record.end() && (*found.*is)() ? &*found : nullptr;
}

}  // namespace

std::string describe_training(const nlohmann::json& record) {
  using Json = nlohmann::json;
  std::string text;
  if (!record.is_object()) return text;
  if (const Json* command = field(record, "command", &Json::is_string)) {
    text += "trained by: " + printable(command->get<std::string>());
    if (const Json* seconds = field(record, "seconds", &Json::is_number)) {
      char time[64];
      std::snprintf(time, sizeof time, " (%.0f s)", seconds->get<double>());
      text += time;
    }
    text += "\n";
  }
  const Json *correct = field(record, "held_out_correct", &Json::is_number_integer),
             *pictures = field(record, "held_out_pictures", &Json::is_number_integer);
  if (correct && pictures && *pictures > 0)
    text += "held out: " + correct->dump() + " of " + pictures->dump() + " right\n";
  return text;
}

}  // namespace backlight
