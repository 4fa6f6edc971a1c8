#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/simt/fiber.h"
#include "kernels/simt/lanes.h"
#include "kernels/simt/shared_memory.h"

namespace backlight::simt {

/// Runs blocks, one at a time, on one host thread: every CUDA thread on a fiber.
class Processor {
 public:
  /// That of the host thread that asks.
  static Processor& mine();

  Processor() = default;
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;
  ~Processor();

  void start_grid(dim3 grid, dim3 block, std::size_t dynamic_bytes, const std::function<void()>& thread);
  void run_block(std::uint64_t index);
  void end_grid() { thread_ = nullptr; }
  bool busy() const { return thread_; }

  // For the CUDA thread that runs.
  void meet(const Meeting& meeting, std::uint64_t value);
  std::uint64_t lane_value(unsigned lane) const { return lanes_.value(current_, lane); }
  unsigned lane_votes() const { return lanes_.votes(current_); }
  unsigned lane_index() const { return current_ % warp_size; }
  SharedMemory& shared() { return shared_; }

 private:
  static void fiber_main();
  void run_lanes(Fiber& fiber);
  void resume(unsigned lane);
  void cancel();
  unsigned scheduled(std::size_t k) const;

  Fiber host_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  bool quit_ = false;

  const std::function<void()>* thread_ = nullptr;
  Lanes lanes_;
  std::vector<Fiber*> carriers_;  // the fiber that each lane runs on
  std::size_t started_ = 0;       // lanes of the block that have begun
  unsigned current_ = 0;
  SharedMemory shared_;
  std::exception_ptr error_;
  bool cancelled_ = false;
};

}  // namespace backlight::simt
