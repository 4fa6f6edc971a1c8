#include "apps/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace backlight {

Progress::Progress(std::string what, int steps, int done)
    : what_(std::move(what)),
      steps_(steps),
      first_(done),
      done_(done),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);  // back to the line's begin, and erase it
  drawn_ = false;
}

void Progress::step(const std::string& what) {
  what_ = what;
  step();
}

void Progress::step() {
  ++done_;
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::fprintf(stderr, "\r%s\033[K", progress_line(what_, done_, steps_, seconds, first_).c_str());
  std::fflush(stderr);
}

std::string progress_line(const std::string& what, int done, int steps, double seconds, int first) {
  constexpr int width = 30;
  const std::int64_t all = steps;
  const std::int64_t filled = width * std::int64_t{done} / all;
  const long left = std::lround(seconds * (steps - done) / (done - first));
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, "] %3d %%, %ld:%02ld left",
                static_cast<int>(100 * std::int64_t{done} / all), left / 60, left % 60);
  return what + "  [" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(width - filled), '-') + numbers;
}

}  // namespace backlight
