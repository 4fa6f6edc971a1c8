#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/profile/profile.h"

namespace backlight {

/// A call with every implementation that takes it, the fastest first.
struct CallByKernel {
  std::string node, contract;
  struct Kernel {
    std::string name;
    bool chosen;  // by the profile
    Spread seconds;
  };
  std::vector<Kernel> kernels;
};

/// Times every table entry that accepts a call of the profile, each in its place in the program: one session
/// per name, run up to `repeat` times, or as often as two seconds allow, but once at least.
std::vector<CallByKernel> time_all_kernels(const SubjectOptions& options, const Profile& profile);

/// For people, within 120 columns.
std::string all_kernels_text(const std::vector<CallByKernel>& calls);
nlohmann::json to_json(const std::vector<CallByKernel>& calls);

}  // namespace backlight
