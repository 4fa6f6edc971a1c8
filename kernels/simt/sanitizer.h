#pragma once

// Which sanitizer this file is compiled with, for g++ and clang++, and how to mark memory that nobody may
// touch.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define BACKLIGHT_ASAN
#elif defined(__SANITIZE_THREAD__)
#define BACKLIGHT_TSAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BACKLIGHT_ASAN
#elif __has_feature(thread_sanitizer)
#define BACKLIGHT_TSAN
#endif
#endif

#ifdef BACKLIGHT_ASAN
#include <sanitizer/asan_interface.h>
#endif
#ifdef BACKLIGHT_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace backlight::simt {

inline void poison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef BACKLIGHT_ASAN
  __asan_poison_memory_region(memory, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef BACKLIGHT_ASAN
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace backlight::simt
