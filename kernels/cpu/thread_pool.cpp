// Compiled without the thread sanitizer, which does not see into the library: kernels/cpu/parallel.cpp tells
// it what the library promises.
#include "kernels/cpu/thread_pool.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <map>
#include <memory>
#include <mutex>

namespace backlight::cpu {
namespace {

/// An arena lets so many threads of oneTBB's one pool in.
oneapi::tbb::task_arena& arena_of(int threads) {
  static std::mutex mutex;
  static std::map<int, std::unique_ptr<oneapi::tbb::task_arena>> arenas;
  // Whoever asks for more threads than there are cores is given them.
  static std::unique_ptr<oneapi::tbb::global_control> most;
  static int allowed = oneapi::tbb::info::default_concurrency();
  const std::lock_guard lock(mutex);
  if (threads > allowed) {
    allowed = threads;
    most.reset();
    most = std::make_unique<oneapi::tbb::global_control>(oneapi::tbb::global_control::max_allowed_parallelism,
                                                         static_cast<std::size_t>(threads));
  }
  std::unique_ptr<oneapi::tbb::task_arena>& arena = arenas[threads];
  if (!arena) arena = std::make_unique<oneapi::tbb::task_arena>(threads);
  return *arena;
}

}  // namespace

void run_team(int team, void (*body)(void*, int), void* context) {
  arena_of(team).execute([=] {
    oneapi::tbb::parallel_for(
        0, team, [=](int worker) { body(context, worker); }, oneapi::tbb::simple_partitioner());
  });
}

}  // namespace backlight::cpu
