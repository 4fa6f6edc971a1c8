#include "kernels/simt/simt.h"

#include <algorithm>
#include <exception>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/simt/processor.h"

namespace backlight::simt {
namespace {

/// What every GPU of compute capability 5 and later allows.
void check_launch(dim3 grid, dim3 block) {
  const auto in = [](unsigned value, unsigned most) { return value >= 1 && value <= most; };
  if (!in(block.x, 1024) || !in(block.y, 1024) || !in(block.z, 64) ||
      std::uint64_t{block.x} * block.y * block.z > 1024)
    throw Error("launch: a block has 1 to 1024 threads (at most 64 in z)");
  if (!in(grid.x, 0x7fffffffu) || !in(grid.y, 65535) || !in(grid.z, 65535))
    throw Error("launch: a grid has 1 to 2147483647 blocks in x, 1 to 65535 in y and in z");
  if (Processor::mine().busy()) throw Error("launch: a kernel cannot launch another");
}

}  // namespace

void meet(const Meeting& meeting) { Processor::mine().meet(meeting, 0); }
void meet(const Meeting& meeting, std::uint64_t value) {
  if (!meeting.lanes) throw Error(place(meeting) + " names no lane");
  Processor::mine().meet(meeting, value);
}
std::uint64_t lane_value(unsigned lane) { return Processor::mine().lane_value(lane); }
unsigned lane_votes() { return Processor::mine().lane_votes(); }
unsigned lane_index() { return Processor::mine().lane_index(); }
void* shared_array(const void* declaration, std::size_t bytes) {
  return Processor::mine().shared().array(declaration, bytes);
}
void* dynamic_shared() { return Processor::mine().shared().dynamic(); }

void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, Stream stream,
              const std::function<void()>& thread) {
  check_launch(grid, block);
  const std::uint64_t blocks = std::uint64_t{grid.x} * grid.y * grid.z;
  const std::uint64_t workers =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max(stream.host_threads, 1)), blocks);
  // Every worker takes every workers-th block in ascending order and stops at its first failure, so that the
  // failure of the lowest block is among those found, whatever the number of workers.
  struct Failure {
    std::uint64_t block;
    std::exception_ptr error;
  };
  std::vector<Failure> failures(workers, Failure{blocks, nullptr});
  const auto work = [&](std::uint64_t worker) {
    Processor& mine = Processor::mine();
    std::uint64_t index = worker;
    try {
      mine.start_grid(grid, block, shared_bytes, thread);
      for (; index < blocks; index += workers) mine.run_block(index);
    } catch (...) {
      failures[worker] = {index, std::current_exception()};
    }
    mine.end_grid();
  };
  cpu::parallel_for({.threads = static_cast<int>(workers)}, static_cast<std::int64_t>(workers),
                    [&](std::int64_t worker, int) { work(static_cast<std::uint64_t>(worker)); });
  const auto first = std::min_element(failures.begin(), failures.end(),
                                      [](const Failure& a, const Failure& b) { return a.block < b.block; });
  if (first->error) std::rethrow_exception(first->error);
}

}  // namespace backlight::simt
