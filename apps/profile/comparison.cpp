#include "apps/profile/comparison.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/formatted.h"
#include "engine/error.h"

namespace backlight {
namespace {

std::string network(const Profile& p) {
  return p.architecture + " with " + std::to_string(p.classes) + " classes on " +
         std::to_string(p.input_size) + "x" + std::to_string(p.input_size);
}

std::string change(const Spread& before, const Spread& now) {
  return formatted("%10.3f %10.3f %7.2f", 1e3 * before.median, 1e3 * now.median, now.median / before.median);
}

std::string list(const std::vector<ComparedCall>& calls, const char* title,
                 bool (ComparedCall::*belongs)() const) {
  std::string text;
  for (const ComparedCall& call : calls) {
    if (!(call.*belongs)()) continue;
    const std::string kernel =
        call.kernel == call.old_kernel ? call.kernel : call.old_kernel + " -> " + call.kernel;
    text += formatted("%-28s %-44s %s\n", shortened(call.node, 28).c_str(),
                      shortened(call.contract + " (" + kernel + ")", 44).c_str(),
                      change(call.before, call.now).c_str());
  }
  if (text.empty()) return formatted("\n%s: nothing beyond the spread\n", title);
  return formatted("\n%-73s %10s %10s %7s\n", title, "ms before", "ms now", "ratio") + text;
}

std::string list(const std::vector<ProfiledCall>& calls, const std::string& title) {
  if (calls.empty()) return {};
  std::string text = formatted("\n%-73s %10s\n", title.c_str(), "ms");
  for (const ProfiledCall& call : calls)
    text +=
        formatted("%-28s %-44s %10.3f\n", shortened(call.node, 28).c_str(),
                  shortened(call.contract + " (" + call.kernel + ")", 44).c_str(), 1e3 * call.seconds.median);
  return text;
}

}  // namespace

Comparison compare(const Profile& now, const Profile& before, const std::string& older) {
  const auto expect = [&](const std::string& theirs, const std::string& ours) {
    if (theirs != ours) throw Error(older + ": a profile of " + theirs + ", and this is one of " + ours);
  };
  expect(network(before), network(now));
  expect("a batch of " + std::to_string(before.batch), "a batch of " + std::to_string(now.batch));
  expect(before.work, now.work);
  expect("device " + before.device, "device " + now.device);
  expect(before.processor, now.processor);

  Comparison comparison;
  comparison.before = before.whole;
  comparison.now = now.whole;
  std::vector<ProfiledCall> left = before.calls;
  for (const ProfiledCall& call : now.calls) {
    const auto same = std::ranges::find_if(left, [&](const ProfiledCall& other) {
      return other.node == call.node && other.contract == call.contract;
    });
    if (same == left.end()) {
      comparison.added.push_back(call);
      continue;
    }
    comparison.calls.push_back(
        {call.node, call.contract, same->kernel, call.kernel, same->seconds, call.seconds});
    left.erase(same);
  }
  comparison.gone = std::move(left);
  return comparison;
}

std::string comparison_text(const Comparison& c, const std::string& older) {
  std::string text = "\nagainst " + older + "\n";
  text += list(c.calls, "faster", &ComparedCall::faster);
  text += list(c.calls, "slower", &ComparedCall::slower);
  text += list(c.gone, "only in " + older) + list(c.added, "new");
  const ComparedCall whole{
      .node = {}, .contract = {}, .old_kernel = {}, .kernel = {}, .before = c.before, .now = c.now};
  const char* verdict = whole.faster()   ? "faster"
                        : whole.slower() ? "slower"
                                         : "no difference beyond the spread";
  return text + formatted("\n%-73s %s\n", formatted("a whole run: %s", verdict).c_str(),
                          change(c.before, c.now).c_str());
}

nlohmann::json to_json(const Comparison& comparison) {
  const auto list = [&](bool (ComparedCall::*belongs)() const) {
    nlohmann::json all = nlohmann::json::array();
    for (const ComparedCall& call : comparison.calls)
      if ((call.*belongs)())
        all.push_back({{"node", call.node},
                       {"contract", call.contract},
                       {"kernel", {{"before", call.old_kernel}, {"now", call.kernel}}},
                       {"seconds", {{"before", call.before.median}, {"now", call.now.median}}}});
    return all;
  };
  const auto names = [](const std::vector<ProfiledCall>& calls) {
    nlohmann::json all = nlohmann::json::array();
    for (const ProfiledCall& call : calls) all.push_back({{"node", call.node}, {"contract", call.contract}});
    return all;
  };
  return {{"faster", list(&ComparedCall::faster)},
          {"slower", list(&ComparedCall::slower)},
          {"gone", names(comparison.gone)},
          {"added", names(comparison.added)},
          {"whole", {{"before", comparison.before.median}, {"now", comparison.now.median}}}};
}

}  // namespace backlight
