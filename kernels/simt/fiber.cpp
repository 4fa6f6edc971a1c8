#include "kernels/simt/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "kernels/simt/sanitizer.h"

#if defined(__x86_64__) && !defined(BACKLIGHT_UCONTEXT)
// backlight_switch_stack(void** save, void* load): the registers that a function must keep (System V ABI,
// §3.2.1) go on the stack, and the stack is exchanged.
extern "C" void backlight_switch_stack(void** save, void* load);
asm(R"(
.pushsection .text
.globl backlight_switch_stack
.hidden backlight_switch_stack
.type backlight_switch_stack, @function
backlight_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size backlight_switch_stack, . - backlight_switch_stack
.popsection
)");
#endif

namespace backlight::simt {
namespace {

// Room for a kernel's frame, for unwinding an exception, and for a sanitizer that writes its report here.
// Pages that nobody touches cost nothing.
constexpr std::size_t stack_size = std::size_t{256} << 10;

}  // namespace

Fiber::Fiber() {
#ifdef BACKLIGHT_TSAN
  tsan_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(void (*body)()) {
  const auto guard = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* mapping = mmap(nullptr, guard + stack_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapping == MAP_FAILED || mprotect(mapping, guard, PROT_NONE) != 0) throw std::bad_alloc();
  mapping_ = static_cast<std::byte*>(mapping);
  stack_ = mapping_ + guard;
  stack_bytes_ = stack_size;
#ifdef BACKLIGHT_TSAN
  tsan_ = __tsan_create_fiber(0);
#endif
#if defined(__x86_64__) && !defined(BACKLIGHT_UCONTEXT)
  // What backlight_switch_stack pops: six registers, then the address that it returns to. `body` then finds
  // the stack aligned as after a call, with 0 for the address of its caller.
  void** top = reinterpret_cast<void**>(mapping_ + guard + stack_size);
  top[-2] = reinterpret_cast<void*>(body);
  stack_pointer_ = top - 8;
#else
  getcontext(&context_);
  context_.uc_stack.ss_sp = mapping_ + guard;
  context_.uc_stack.ss_size = stack_size;
  context_.uc_link = nullptr;
  makecontext(&context_, body, 0);
#endif
}

Fiber::~Fiber() {
  if (!mapping_) return;
  unpoison(stack_, stack_bytes_);  // the frames that were left for good still lie there
#ifdef BACKLIGHT_TSAN
  __tsan_destroy_fiber(tsan_);
#endif
  munmap(mapping_, static_cast<std::size_t>(static_cast<const std::byte*>(stack_) - mapping_) + stack_bytes_);
}

void Fiber::switch_to(Fiber& to, [[maybe_unused]] bool last) {
  void* fake_stack = nullptr;
#ifdef BACKLIGHT_ASAN
  __sanitizer_start_switch_fiber(last ? nullptr : &fake_stack, to.stack_, to.stack_bytes_);
#endif
#ifdef BACKLIGHT_TSAN
  __tsan_switch_to_fiber(to.tsan_, 0);
#endif
#if defined(__x86_64__) && !defined(BACKLIGHT_UCONTEXT)
  backlight_switch_stack(&stack_pointer_, to.stack_pointer_);
#else
  swapcontext(&context_, &to.context_);
#endif
  finish_switch(fake_stack, to);
}

void Fiber::started(Fiber& from) { finish_switch(nullptr, from); }

void Fiber::finish_switch([[maybe_unused]] void* fake_stack, [[maybe_unused]] Fiber& from) {
#ifdef BACKLIGHT_ASAN
  // Where the other stack lies: the only way to learn it for a host thread's own.
  __sanitizer_finish_switch_fiber(fake_stack, &from.stack_, &from.stack_bytes_);
#endif
}

}  // namespace backlight::simt
