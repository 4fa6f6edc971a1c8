#include "apps/profile/table.h"

#include <algorithm>
#include <numeric>

#include "apps/formatted.h"

namespace backlight {
namespace {

/// "12.3", "1234", "0.12": three digits that mean something, and nothing for nothing.
std::string short_number(double number) {
  if (number == 0) return "";
  return formatted(number < 0.995 ? "%.2f" : number < 99.5 ? "%.1f" : "%.0f", number);
}

std::string head(const Profile& p) {
  std::string text =
      formatted("%s, %zu classes, input %lldx3x%lldx%lld: %s", p.architecture.c_str(), p.classes,
                static_cast<long long>(p.batch), static_cast<long long>(p.input_size),
                static_cast<long long>(p.input_size), p.work.c_str());
  if (p.rule != "gradient") text += ", rule " + p.rule;
  text += formatted("\n%s; device %s, %d thread%s; median of %d runs\n\n", p.processor.c_str(),
                    p.device.c_str(), p.threads, p.threads == 1 ? "" : "s", p.repeat);
  return text;
}

std::string row(const Profile& profile, std::size_t i) {
  const ProfiledCall& c = profile.calls[i];
  const double seconds = c.seconds.median;
  return formatted(
      "%3zu %-21s %-29s %8.3f %4.0f %6.1f %7s %7s %7s %6s %6s %4.0f\n", i + 1, shortened(c.node, 21).c_str(),
      shortened(c.contract + " (" + c.kernel + ")", 29).c_str(), 1e3 * seconds, 100 * c.seconds.relative(),
      100 * seconds / profile.sum(), short_number(c.flop / 1e9).c_str(), short_number(c.bytes / 1e6).c_str(),
      short_number(c.flop / seconds / 1e9).c_str(), short_number(c.bytes / seconds / 1e9).c_str(),
      short_number(c.flop / c.bytes).c_str(), 100 * c.least / seconds);
}

std::string rows(const Profile& profile, Order order) {
  const std::string head =
      formatted("%3s %-21s %-29s %8s %4s %6s %7s %7s %7s %6s %6s %4s\n", "", "node", "operation (kernel)",
                "ms", "+-%", "share%", "GFLOP", "MB", "GFLOP/s", "GB/s", "FLOP/B", "roof%");
  std::string text = head;
  const char* direction = "forward";
  for (const std::size_t i : ordered(profile, order)) {
    if (order == Order::program && profile.calls[i].direction != direction)
      text += "\n" + head, direction = "backward";
    text += row(profile, i);
  }
  return text;
}

std::string sum_rows(const Profile& profile, const char* title,
                     const std::function<std::string(const ProfiledCall&)>& name) {
  std::string text = formatted("\n%-34s %10s %7s %9s %9s %9s %8s\n", title, "ms", "share%", "GFLOP", "MB",
                               "GFLOP/s", "GB/s");
  for (const Sum& sum : sums(profile, name))
    text +=
        formatted("%-34s %10.3f %7.1f %9s %9s %9s %8s\n", shortened(sum.name, 34).c_str(), 1e3 * sum.seconds,
                  100 * sum.seconds / profile.sum(), short_number(sum.flop / 1e9).c_str(),
                  short_number(sum.bytes / 1e6).c_str(), short_number(sum.flop / sum.seconds / 1e9).c_str(),
                  short_number(sum.bytes / sum.seconds / 1e9).c_str());
  return text;
}

std::string start_up(const Profile& profile) {
  std::string text = formatted("\n%-34s %10s\n", "start-up", "ms");
  double all = 0;
  for (const StartUpStep& step : profile.start_up) {
    text += formatted("%-34s %10.3f\n", step.name.c_str(), 1e3 * step.seconds);
    all += step.seconds;
  }
  return text + formatted("%-34s %10.3f\n", "to the first result", 1e3 * all);
}

std::string ceilings(const Ceilings& ceilings) {
  std::string text = "\nceilings, measured in this run\n";
  for (const Ceilings::Compute& c : ceilings.compute)
    text += formatted(
        "%-34s %10.1f GFLOP/s\n",
        formatted("%s, %d thread%s", c.instructions.c_str(), c.threads, c.threads == 1 ? "" : "s").c_str(),
        c.flop_per_second / 1e9);
  for (const Ceilings::Bandwidth& b : {ceilings.memory, ceilings.weights, ceilings.activations})
    text += formatted("%-34s %10.1f GB/s\n",
                      formatted("%s (%.3g MB)", b.name.c_str(), static_cast<double>(b.bytes) / 1e6).c_str(),
                      b.bytes_per_second / 1e9);
  return text;
}

std::string counters(const Profile& profile) {
  if (!profile.no_counters.empty()) return "\nno hardware counters: " + profile.no_counters + "\n";
  std::string text = formatted("\n%-34s %10s %14s %22s\n", "hardware counters", "Gcycles", "instr./cycle",
                               "cache misses, million");
  for (const char* direction : {"forward", "backward"}) {
    Counts all;
    for (const ProfiledCall& call : profile.calls)
      if (call.direction == direction && call.counts) {
        all.cycles += call.counts->cycles;
        all.instructions += call.counts->instructions;
        all.cache_misses += call.counts->cache_misses;
      }
    if (all.cycles > 0)
      text += formatted("%-34s %10.3f %14.2f %22.3f\n", direction, all.cycles / 1e9,
                        all.instructions / all.cycles, all.cache_misses / 1e6);
  }
  return text + "those of each call are in --json\n";
}

std::string whole(const Profile& p) {
  const auto ms = [](double seconds) { return 1e3 * seconds; };
  return formatted(
      "\nthe rows together %.3f ms; a whole run %.3f ms (%+.1f %%), and %.3f ms with its calls timed "
      "(%+.1f %%)\n",
      ms(p.sum()), ms(p.whole.median), 100 * (p.whole.median / p.sum() - 1), ms(p.watched.median),
      100 * (p.watched.median / p.whole.median - 1));
}

std::string memory(const MemoryUse& use) {
  const auto mb = [](std::size_t bytes) { return static_cast<double>(bytes) / 1e6; };
  return formatted("memory, MB: packed weights %.1f, other weights %.1f, arena %.1f, scratch %.1f\n",
                   mb(use.prepared), mb(use.weights), mb(use.arena), mb(use.scratch));
}

}  // namespace

std::vector<std::size_t> ordered(const Profile& profile, Order order) {
  std::vector<std::size_t> places(profile.calls.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (order == Order::time)
    std::ranges::stable_sort(places, std::greater<>(),
                             [&](std::size_t i) { return profile.calls[i].seconds.median; });
  return places;
}

std::string profile_text(const Profile& profile, Order order) {
  return head(profile) + rows(profile, order) +
         sum_rows(profile, "by kind and direction",
                  [](const ProfiledCall& c) { return c.kind + " " + c.direction; }) +
         sum_rows(profile, "by stage", [](const ProfiledCall& c) { return c.stage; }) +
         sum_rows(profile, "by direction", [](const ProfiledCall& c) { return c.direction; }) +
         start_up(profile) + ceilings(profile.ceilings) + counters(profile) + whole(profile) +
         memory(profile.memory);
}

}  // namespace backlight
