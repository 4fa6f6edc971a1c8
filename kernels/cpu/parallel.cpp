#include "kernels/cpu/parallel.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace backlight::cpu {
namespace {

/// The process has one pool of threads, oneTBB's. An arena lets so many of them in.
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

void run_tasks(int threads, std::int64_t count, void (*task)(void*, std::int64_t, int), void* context) {
  const int team = static_cast<int>(std::min<std::int64_t>(threads, count));
  if (team <= 1) {
    for (std::int64_t index = 0; index < count; ++index) task(context, index, 0);
    return;
  }
  // A worker is a number, not a thread: one thread may be several, one after the other. Each takes the next
  // index until there is none left.
  std::atomic<std::int64_t> next{0};
  arena_of(threads).execute([&] {
    oneapi::tbb::parallel_for(
        0, team,
        [&](int worker) {
          for (std::int64_t index; (index = next.fetch_add(1, std::memory_order_relaxed)) < count;)
            task(context, index, worker);
        },
        oneapi::tbb::simple_partitioner());
  });
}

}  // namespace backlight::cpu
