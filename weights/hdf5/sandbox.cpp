#include "weights/hdf5/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#if BACKLIGHT_SECCOMP
#include <seccomp.h>
#endif

#include <cerrno>
#include <initializer_list>

namespace backlight::hdf5 {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;  // a sanitizer takes terabytes of addresses, and calls what it likes
#else
constexpr bool sanitized = false;
#endif

void limit(__rlimit_resource resource, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(resource, &both);
}

#if BACKLIGHT_SECCOMP
bool allow_reading_only() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!filter) return false;
  for (const int call :
       {SCMP_SYS(brk),          SCMP_SYS(clock_gettime), SCMP_SYS(close),      SCMP_SYS(exit),
        SCMP_SYS(exit_group),   SCMP_SYS(fcntl),         SCMP_SYS(fstat),      SCMP_SYS(ftruncate),
        SCMP_SYS(futex),        SCMP_SYS(getpid),        SCMP_SYS(getrandom),  SCMP_SYS(lseek),
        SCMP_SYS(lstat),        SCMP_SYS(madvise),       SCMP_SYS(mmap),       SCMP_SYS(mprotect),
        SCMP_SYS(mremap),       SCMP_SYS(munmap),        SCMP_SYS(newfstatat), SCMP_SYS(pread64),
        SCMP_SYS(read),         SCMP_SYS(readv),         SCMP_SYS(recvmsg),    SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(sendmsg),       SCMP_SYS(setitimer),  SCMP_SYS(stat),
        SCMP_SYS(statx)})
    seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                   SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
  seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
                   SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
  const bool holds = seccomp_load(filter) == 0;
  seccomp_release(filter);
  return holds;
}
#endif

}  // namespace

bool enter_sandbox() {
  limit(RLIMIT_CORE, 0);
  if constexpr (sanitized) return false;
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGINT, SIGTERM})
    ::signal(fault, SIG_DFL);  // the program's own ways to end are not this process's
  limit(RLIMIT_DATA, rlim_t{4} << 30);
#if BACKLIGHT_SECCOMP
  return allow_reading_only();
#else
  return false;
#endif
}

}  // namespace backlight::hdf5
