#pragma once

#include "kernels/simt/simt.h"

namespace backlight::simt {

/// Runs the threads of a block in another order while it lives.
class ScheduleScope {
 public:
  explicit ScheduleScope(Schedule wanted) : before_(schedule) { schedule = wanted; }
  ~ScheduleScope() { schedule = before_; }
  ScheduleScope(const ScheduleScope&) = delete;
  ScheduleScope& operator=(const ScheduleScope&) = delete;

 private:
  Schedule before_;
};

}  // namespace backlight::simt
