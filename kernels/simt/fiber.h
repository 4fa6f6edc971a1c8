#pragma once

#include <cstddef>

#if !defined(__x86_64__) || defined(BACKLIGHT_UCONTEXT)
#include <ucontext.h>
#endif

namespace backlight::simt {

/// A flow of control with a stack of its own. Switching costs a few nanoseconds on x86-64 (six registers);
/// elsewhere ucontext does it. AddressSanitizer and ThreadSanitizer are told of every switch. A fiber stays
/// on the host thread that made it.
class Fiber {
 public:
  /// The host thread itself, so that fibers have somewhere to come back to.
  Fiber();
  /// A new fiber: the first switch to it calls `body`, which never returns (see `last`).
  explicit Fiber(void (*body)());
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  /// Leaves this fiber, the running one, for `to`. Comes back when somebody switches to this one; with
  /// `last`, never.
  void switch_to(Fiber& to, bool last = false);
  /// The first thing that `body` calls; `from` is the fiber that switched to it.
  static void started(Fiber& from);

 private:
  static void finish_switch(void* fake_stack, Fiber& from);

  std::byte* mapping_ = nullptr;  // a guard page, then the stack
  const void* stack_ = nullptr;   // lowest address and size, of which AddressSanitizer wants to know
  std::size_t stack_bytes_ = 0;
  [[maybe_unused]] void* tsan_ = nullptr;
#if !defined(__x86_64__) || defined(BACKLIGHT_UCONTEXT)
  ucontext_t context_;
#else
  void* stack_pointer_ = nullptr;
#endif
};

}  // namespace backlight::simt
