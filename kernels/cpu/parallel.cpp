#include "kernels/cpu/parallel.h"

#include <atomic>

#include "kernels/cpu/thread_pool.h"

namespace backlight::cpu {
namespace {

struct Job {
  void (*task)(void*, std::int64_t, int);
  void* context;
  std::int64_t count;
  std::atomic<std::int64_t> next{0};
  std::atomic<int> ready{0}, finished{0};
};

/// Takes the next index until there is none left. The two other atomics say in the language's own terms what
/// the pool promises at the beginning and at the end, so that a thread sanitizer knows it too.
void work(void* given, int worker) {
  Job& job = *static_cast<Job*>(given);
  (void)job.ready.load(std::memory_order_acquire);
  for (std::int64_t index; (index = job.next.fetch_add(1, std::memory_order_relaxed)) < job.count;)
    job.task(job.context, index, worker);
  job.finished.fetch_add(1, std::memory_order_release);
}

}  // namespace

void run_tasks(int threads, std::int64_t count, void (*task)(void*, std::int64_t, int), void* context) {
  const int team = static_cast<int>(std::min<std::int64_t>(threads, count));
  if (team <= 1) {
    for (std::int64_t index = 0; index < count; ++index) task(context, index, 0);
    return;
  }
  Job job{task, context, count};
  job.ready.store(1, std::memory_order_release);
  run_team(team, work, &job);
  (void)job.finished.load(std::memory_order_acquire);
}

}  // namespace backlight::cpu
