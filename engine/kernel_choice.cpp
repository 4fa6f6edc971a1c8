#include "engine/kernel_choice.h"

#include <set>
#include <vector>

#include "engine/error.h"

namespace backlight {
namespace {

template <class Names>
std::string joined(const Names& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

/// The names of those whose arithmetic is not plain.
std::set<std::string, std::less<>> transforming(Device device) {
  std::set<std::string, std::less<>> names;
#define BACKLIGHT_LIST(Contract)                           \
  for (const auto& entry : table<Contract<float>>(device)) \
    if (!entry.arithmetic.plain) names.emplace(entry.name);
  BACKLIGHT_FOR_EACH_CONTRACT(BACKLIGHT_LIST)
#undef BACKLIGHT_LIST
  return names;
}

}  // namespace

std::map<std::string, std::vector<std::string>, std::less<>> implementations(Device device) {
  std::map<std::string, std::vector<std::string>, std::less<>> names;
#define BACKLIGHT_LIST(Contract)                           \
  for (const auto& entry : table<Contract<float>>(device)) \
    names[Contract<float>::name].emplace_back(entry.name);
  BACKLIGHT_FOR_EACH_CONTRACT(BACKLIGHT_LIST)
#undef BACKLIGHT_LIST
  return names;
}

KernelChoice::KernelChoice(std::string_view text, Device device, bool strict) : strict_(strict) {
  if (text.empty()) return;
  const auto names = implementations(device);
  const auto left_out = strict ? transforming(device) : std::set<std::string, std::less<>>{};
  const auto where = [&](std::string_view item) { return "kernel '" + std::string(item) + "': "; };
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = text.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t equals = item.find('=');
    if (left_out.count(item.substr(equals == std::string_view::npos ? 0 : equals + 1)))
      throw UsageError(where(item) + "strict arithmetic leaves it out");
    if (equals == std::string_view::npos) {
      std::set<std::string> all;
      for (const auto& [contract, entries] : names) all.insert(entries.begin(), entries.end());
      if (!all.count(std::string(item)))
        throw UsageError(where(item) + "device " + std::string(to_string(device)) + " has " + joined(all));
      everywhere_ = item;
      continue;
    }
    const std::string_view contract = item.substr(0, equals), name = item.substr(equals + 1);
    const auto found = names.find(contract);
    if (found == names.end()) {
      std::vector<std::string> contracts;
      for (const auto& [known, entries] : names) contracts.push_back(known);
      throw UsageError(where(item) + "there is no operation of this name; there are " + joined(contracts));
    }
    if (std::find(found->second.begin(), found->second.end(), name) == found->second.end())
      throw UsageError(where(item) + std::string(contract) + " has " + joined(found->second));
    by_contract_[std::string(contract)] = name;
  }
}

std::string_view KernelChoice::preferred(std::string_view contract) const {
  const auto found = by_contract_.find(contract);
  return found == by_contract_.end() ? std::string_view(everywhere_) : std::string_view(found->second);
}

}  // namespace backlight
