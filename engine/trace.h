#pragma once

#include <string>
#include <vector>

namespace backlight {

/// What each step of a run cost. A session that is given one appends to it.
class Trace {
 public:
  struct Step {
    std::string node;
    std::string kind;  // "conv", "relu" …
    bool backward;
    double seconds;
    double flop;   // 0 where not counted
    double bytes;  // of the activations read and written
  };
  std::vector<Step> steps;
};

}  // namespace backlight
