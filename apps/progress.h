#pragma once

#include <chrono>
#include <string>

namespace backlight {

/// A bar on standard error with the share that is done and the time left, for people who wait. Where standard
/// error is no terminal, nothing is drawn. It is gone when the object is.
class Progress {
 public:
  Progress(std::string what, int steps);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more step is done.
  void step();

 private:
  std::string what_;
  int steps_, done_ = 0;
  bool drawn_ = false, terminal_;
  std::chrono::steady_clock::time_point start_, last_;
};

/// "dogs  [##########----------]  50 %, 1:05 left", for `done` of `steps` after `seconds`.
std::string progress_line(const std::string& what, int done, int steps, double seconds);

}  // namespace backlight
