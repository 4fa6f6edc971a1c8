#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace backlight {

/// What the processor counted: all threads together, in user mode.
struct Counts {
  double cycles = 0, instructions = 0, cache_misses = 0;
};

/// The processor's own counters, through perf_event_open(2). Make it before the first thread starts: threads
/// that were there before are not counted.
class Counters {
 public:
  Counters();
  ~Counters();
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  /// Empty where they count; else why not, in one line.
  const std::string& missing() const { return missing_; }
  /// Since the counters were made. Only where nothing is missing.
  Counts read() const;

 private:
  static constexpr int events = 3;
  std::array<int, events> files_{-1, -1, -1};
  std::string missing_;
};

}  // namespace backlight
