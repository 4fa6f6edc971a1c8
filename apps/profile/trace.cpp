#include "apps/profile/trace.h"

#include <nlohmann/json.hpp>

namespace backlight {
namespace {

using nlohmann::json;

constexpr int process = 1, start_up_thread = 1, run_thread = 2;

json event(const std::string& name, const std::string& category, int thread, double start, double seconds,
           json arguments = json::object()) {
  return {{"name", name},
          {"cat", category},
          {"ph", "X"},
          {"pid", process},
          {"tid", thread},
          {"ts", 1e6 * start},
          {"dur", 1e6 * seconds},
          {"args", std::move(arguments)}};
}

json name_of(const char* what, int thread, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}};
}

json arguments(const ProfiledCall& call) {
  json arguments{{"contract", call.contract},
                 {"kernel", call.kernel},
                 {"kind", call.kind},
                 {"reads", call.reads},
                 {"writes", call.writes},
                 {"GFLOP", call.flop / 1e9},
                 {"MB", call.bytes / 1e6},
                 {"median_ms", 1e3 * call.seconds.median},
                 {"roof_percent", 100 * call.least / call.seconds.median}};
  if (!call.declined.empty()) arguments["declined"] = call.declined;
  return arguments;
}

}  // namespace

json trace_json(const Profile& profile) {
  json events = json::array();
  events.push_back(name_of("process_name", 0,
                           "backlight: " + profile.architecture + ", " + profile.work + ", batch " +
                               std::to_string(profile.batch)));
  events.push_back(name_of("thread_name", start_up_thread, "start-up"));
  events.push_back(name_of("thread_name", run_thread,
                           "one run, " + std::to_string(profile.threads) + " threads together"));
  double begin = 0;
  for (const StartUpStep& step : profile.start_up) {
    events.push_back(event(step.name, "start-up", start_up_thread, step.start, step.seconds));
    begin = step.start + step.seconds;
  }
  for (const char* direction : {"forward", "backward"}) {  // each a box around its calls
    double first = 0, last = 0;
    bool any = false;
    for (const ProfiledCall& call : profile.calls) {
      if (call.direction != direction) continue;
      if (!any) first = call.start;
      last = call.start + call.took;
      any = true;
    }
    if (any) events.push_back(event(direction, "direction", run_thread, begin + first, last - first));
  }
  for (const ProfiledCall& call : profile.calls)
    events.push_back(
        event(call.node, call.direction, run_thread, begin + call.start, call.took, arguments(call)));
  return {{"traceEvents", std::move(events)},
          {"displayTimeUnit", "ms"},
          {"otherData",
           {{"version", profile.version}, {"processor", profile.processor}, {"device", profile.device}}}};
}

}  // namespace backlight
