#pragma once

#include <chrono>
#include <string>

namespace backlight {

/// A bar on standard error with the share that is done and the time left, for people who wait. Where standard
/// error is no terminal, nothing is drawn. It is gone when the object is.
class Progress {
 public:
  /// `done` of the steps were taken before: they say nothing about the time left.
  Progress(std::string what, int steps, int done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Takes the bar away until the next step.
  void clear();
  /// One more step is done.
  void step();
  /// As before, and from now on the bar is called `what`.
  void step(const std::string& what);

 private:
  std::string what_;
  int steps_, first_, done_;
  bool drawn_ = false, terminal_;
  std::chrono::steady_clock::time_point start_, last_;
};

/// "dogs  [##########----------]  50 %, 1:05 left", for `done` of `steps`, of which all but the `first` took
/// `seconds`.
std::string progress_line(const std::string& what, int done, int steps, double seconds, int first = 0);

}  // namespace backlight
