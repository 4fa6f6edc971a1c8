#include "apps/json_text.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace backlight {

using nlohmann::json;

json parse_json(std::string_view text) {
  constexpr int deepest = 100;
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) { return !(too_deep |= depth > deepest); };
  json value = json::parse(text, watch, false);
  return value.is_discarded() || too_deep ? json() : value;
}

std::string json_text(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace); }

std::string json_line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void print_json(const json& value) { std::cout << json_text(value) << '\n'; }

}  // namespace backlight
