#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/implementation.h"

namespace backlight::cpu {

/// Runs task(context, index, worker) for every index in [0, count), on at most `threads` workers. What a task
/// computes may not depend on the worker or on the order: then the bits are the same for any number of
/// threads.
void run_tasks(int threads, std::int64_t count, void (*task)(void* context, std::int64_t index, int worker),
               void* context);

/// body(index, worker) for every index in [0, count).
template <class Body>
void parallel_for(const Workers& workers, std::int64_t count, Body body) {
  run_tasks(
      workers.threads, count,
      [](void* context, std::int64_t index, int worker) { (*static_cast<Body*>(context))(index, worker); },
      &body);
}

/// body(begin, end) over [0, count) in blocks of `block`.
template <class Body>
void parallel_blocks(const Workers& workers, std::int64_t count, std::int64_t block, Body body) {
  parallel_for(workers, (count + block - 1) / block,
               [&](std::int64_t index, int) { body(index * block, std::min(count, (index + 1) * block)); });
}

}  // namespace backlight::cpu
