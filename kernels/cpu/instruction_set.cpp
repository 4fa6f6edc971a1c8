#include "kernels/instruction_set.h"

#include "kernels/cpu/targets.h"
#include "kernels/cpu/tiles.h"
// After it:
#include <hwy/targets.h>

namespace backlight {
namespace {

struct Level {
  const char* name;
  std::int64_t target;
  bool (*works)() = nullptr;  // what it needs besides; null: nothing
};
// The best first: a level has all that follow it.
constexpr Level levels[] = {{"amx", HWY_AVX3, cpu::tiles_work},
                            {"avx512", HWY_AVX3},
                            {"avx2", HWY_AVX2},
                            {"sse4", HWY_SSE4},
                            {"neon", HWY_NEON},
                            {"portable", HWY_EMU128 | HWY_SCALAR}};

std::vector<Level> present() {
  hwy::SetSupportedTargetsForTest(0);  // ask the processor, not an earlier choice
  const std::int64_t supported = hwy::SupportedTargets() | HWY_EMU128 | HWY_SCALAR;
  std::vector<Level> found;
  for (const Level& level : levels)
    if (level.target & supported & HWY_TARGETS && (!level.works || level.works())) found.push_back(level);
  return found;
}

std::string& in_use() {
  static std::string name = present().front().name;
  return name;
}

/// Tells Highway, which remembers for its tables.
void choose(const std::vector<Level>& all, std::string_view name) {
  std::int64_t targets = 0;
  bool reached = false;
  for (const Level& level : all)
    if ((reached |= level.name == name)) targets |= level.target;
  hwy::SetSupportedTargetsForTest(targets & HWY_TARGETS);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace

std::vector<std::string> instruction_sets() {
  const std::string now = in_use();
  std::vector<std::string> names;
  const std::vector<Level> all = present();
  for (const Level& level : all) names.emplace_back(level.name);
  choose(all, now);
  return names;
}

std::string instruction_set() { return in_use(); }

std::string instruction_set_note() {
  return cpu::tiles_refused().empty() ? "" : "amx is left out: " + cpu::tiles_refused();
}

bool use_instruction_set(std::string_view name) {
  const std::string now = in_use();
  const std::vector<Level> all = present();
  bool found = false;
  for (const Level& level : all) found |= level.name == name;
  if (found) in_use() = name;
  choose(all, found ? name : std::string_view(now));
  return found;
}

}  // namespace backlight
