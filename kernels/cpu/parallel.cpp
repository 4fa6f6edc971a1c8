#include "kernels/cpu/parallel.h"

#include <omp.h>

#include <atomic>

namespace backlight::cpu {
namespace {

struct Job {
  void (*task)(void*, std::int64_t, int);
  void* context;
  std::int64_t count;
  std::atomic<std::int64_t> next{0};
  std::atomic<int> ready{0}, finished{0};
};

void work(Job& job, int worker) {
  // The two atomics say in the language's own terms what OpenMP's fork and join promise: a thread sanitizer,
  // which does not see into the OpenMP library, then knows it too.
  while (!job.ready.load(std::memory_order_acquire)) {
  }
  for (std::int64_t index; (index = job.next.fetch_add(1, std::memory_order_relaxed)) < job.count;)
    job.task(job.context, index, worker);
  job.finished.fetch_add(1, std::memory_order_release);
}

// OpenMP hands the pointer over in memory that the sanitizer believes unshared.
__attribute__((no_sanitize("thread"))) void fork_and_join(Job* job, int threads) {
#pragma omp parallel num_threads(threads) default(none) firstprivate(job)
  work(*job, omp_get_thread_num());
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
  fork_and_join(&job, team);
  (void)job.finished.load(std::memory_order_acquire);
}

}  // namespace backlight::cpu
