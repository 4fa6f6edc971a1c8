#include "apps/profile/counters.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace backlight {
namespace {

/// What to do about it, for people.
std::string reason(int error) {
  switch (error) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
      return "this machine, perhaps a virtual one, has none";
    case EACCES:
    case EPERM:
      return "not permitted: sudo sysctl kernel.perf_event_paranoid=2";
    case ENOSYS:
      return "this system knows no perf_event_open";
    default:
      return std::strerror(error);
  }
}

}  // namespace

Counters::Counters() {
  constexpr std::array<std::uint64_t, events> counted{PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS,
                                                      PERF_COUNT_HW_CACHE_MISSES};
  for (int i = 0; i < events && missing_.empty(); ++i) {
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.config = counted[static_cast<std::size_t>(i)];
    attributes.inherit = 1;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    const long file = ::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (file < 0)
      missing_ = reason(errno);
    else
      files_[static_cast<std::size_t>(i)] = static_cast<int>(file);
  }
}

Counters::~Counters() {
  for (const int file : files_)
    if (file >= 0) ::close(file);
}

Counts Counters::read() const {
  std::array<std::uint64_t, events> values{};
  for (std::size_t i = 0; i < events; ++i)
    if (::read(files_[i], &values[i], sizeof values[i]) != sizeof values[i]) values[i] = 0;
  return {static_cast<double>(values[0]), static_cast<double>(values[1]), static_cast<double>(values[2])};
}

}  // namespace backlight
