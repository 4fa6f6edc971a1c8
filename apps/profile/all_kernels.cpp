#include "apps/profile/all_kernels.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/formatted.h"
#include "engine/kernel_choice.h"

namespace backlight {
namespace {

constexpr double seconds_per_kernel = 2;

std::set<std::string> names_for(const Profile& profile, Device device) {
  std::set<std::string> names;
  for (const auto& [contract, entries] : implementations(device))
    if (std::ranges::find(profile.calls, contract, &ProfiledCall::contract) != profile.calls.end())
      names.insert(entries.begin(), entries.end());
  return names;
}

}  // namespace

std::vector<CallByKernel> time_all_kernels(const SubjectOptions& options, const Profile& profile) {
  std::vector<CallByKernel> all;
  for (const ProfiledCall& call : profile.calls) all.push_back({call.node, call.contract, {}});
  for (const std::string& name : names_for(profile, options.run.device)) {
    SubjectOptions forced = options;
    forced.run.kernel = name;
    Subject subject(forced);
    std::vector<std::string> kernels;
    for (const std::vector<Call>* list :
         {&subject.session().program().forward, &subject.session().program().backward})
      for (const Call& call : *list) kernels.push_back(call.kernel);
    const double first = subject.start_up().back().seconds;
    const int runs = std::clamp(static_cast<int>(seconds_per_kernel / first), 1, profile.repeat);
    std::vector<std::vector<double>> seconds(all.size());
    for (int run = 0; run < runs; ++run) {
      const std::vector<CallTime> times = time_calls(subject);
      for (std::size_t i = 0; i < all.size(); ++i) seconds[i].push_back(times[i].seconds);
    }
    for (std::size_t i = 0; i < all.size(); ++i)
      if (kernels[i] == name)
        all[i].kernels.push_back({name, name == profile.calls[i].kernel, spread_of(seconds[i])});
  }
  for (CallByKernel& call : all)
    std::ranges::sort(call.kernels, {}, [](const CallByKernel::Kernel& k) { return k.seconds.median; });
  return all;
}

std::string all_kernels_text(const std::vector<CallByKernel>& calls) {
  std::string text = formatted("\n%3s %-22s %-24s %s\n", "", "node", "operation",
                               "ms by kernel, the fastest first (*: the one that runs)");
  double chosen = 0, best = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    std::string row = formatted("%3zu %-22s %-24s", i + 1, shortened(calls[i].node, 22).c_str(),
                                shortened(calls[i].contract, 24).c_str());
    for (const CallByKernel::Kernel& kernel : calls[i].kernels) {
      const std::string next =
          formatted(" %s%s %.3f", kernel.chosen ? "*" : "", kernel.name.c_str(), 1e3 * kernel.seconds.median);
      if (row.size() + next.size() <= 120) row += next;
      if (kernel.chosen) chosen += kernel.seconds.median;
    }
    if (!calls[i].kernels.empty()) best += calls[i].kernels[0].seconds.median;
    text += row + "\n";
  }
  return text + formatted("those that run %.3f ms, the fastest of each %.3f ms\n", 1e3 * chosen, 1e3 * best);
}

nlohmann::json to_json(const std::vector<CallByKernel>& calls) {
  nlohmann::json all = nlohmann::json::array();
  for (const CallByKernel& call : calls) {
    nlohmann::json kernels = nlohmann::json::array();
    for (const CallByKernel::Kernel& kernel : call.kernels)
      kernels.push_back({{"name", kernel.name},
                         {"chosen", kernel.chosen},
                         {"seconds",
                          {{"median", kernel.seconds.median},
                           {"low", kernel.seconds.low},
                           {"high", kernel.seconds.high}}}});
    all.push_back({{"node", call.node}, {"contract", call.contract}, {"kernels", std::move(kernels)}});
  }
  return all;
}

}  // namespace backlight
