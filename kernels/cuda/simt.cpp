#include "kernels/cuda/simt.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cuda/fiber.h"
#include "kernels/cuda/shared_memory.h"

namespace backlight::simt {
namespace {

constexpr unsigned warp_size = 32;

struct Lane {  // one CUDA thread
  enum class State { fresh, waiting, ready, done } state = State::fresh;
  dim3 thread;
  Meeting meeting;
  std::uint64_t brought = 0, seen = 0;  // by the meeting that comes, and by the last one that was held
  Fiber* fiber = nullptr;
};

std::string place(const Meeting& meeting) {
  const std::string path = meeting.file;
  return std::string(meeting.operation) + " at " + path.substr(path.rfind('/') + 1) + ":" +
         std::to_string(meeting.line);
}

struct Cancelled {};  // unwinds the threads that still wait when their block has failed

/// Runs blocks, one at a time, on one host thread.
class Processor {
 public:
  Processor() = default;
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;
  ~Processor();

  void start_grid(dim3 grid, dim3 block, std::size_t dynamic_bytes, const std::function<void()>& thread);
  void run_block(std::uint64_t index);
  void end_grid() { thread_ = nullptr; }
  bool busy() const { return thread_; }

  void meet(const Meeting& meeting, std::uint64_t value);
  std::uint64_t lane_value(unsigned lane) const;
  unsigned lane_votes() const;
  unsigned current() const { return current_; }
  SharedMemory& shared() { return shared_; }

 private:
  static void fiber_main();
  void run_lanes(Fiber& fiber);
  void resume(unsigned lane);
  void cancel();
  bool release();
  bool release_warps();
  [[noreturn]] void report_divergence(const Meeting& meeting, std::size_t reached) const;
  unsigned scheduled(std::size_t k) const;
  std::size_t warp_end(std::size_t first) const { return std::min(first + warp_size, lanes_.size()); }

  Fiber host_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  bool quit_ = false;

  const std::function<void()>* thread_ = nullptr;
  std::vector<Lane> lanes_;
  std::size_t started_ = 0;  // lanes of the block that have begun
  unsigned current_ = 0;
  SharedMemory shared_;
  std::exception_ptr error_;
  bool cancelled_ = false;
};

Processor& processor() {
  static thread_local Processor instance;
  return instance;
}

Processor::~Processor() {
  quit_ = true;
  for (auto& fiber : fibers_) host_.switch_to(*fiber);
}

unsigned Processor::scheduled(std::size_t k) const {
  return static_cast<unsigned>(schedule == Schedule::forward ? k : lanes_.size() - 1 - k);
}

void Processor::start_grid(dim3 grid, dim3 block, std::size_t dynamic_bytes,
                           const std::function<void()>& thread) {
  coordinates = {{0, 0, 0}, {0, 0, 0}, block, grid};
  shared_.resize_dynamic(dynamic_bytes);
  lanes_.assign(std::size_t{block.x} * block.y * block.z, {});
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto linear = static_cast<unsigned>(i);
    lanes_[i].thread = {linear % block.x, linear / block.x % block.y, linear / (block.x * block.y)};
  }
  thread_ = &thread;
}

void Processor::run_block(std::uint64_t index) {
  const dim3 grid = coordinates.grid_size;
  coordinates.block = {static_cast<unsigned>(index % grid.x), static_cast<unsigned>(index / grid.x % grid.y),
                       static_cast<unsigned>(index / grid.x / grid.y)};
  shared_.start_block();
  for (Lane& lane : lanes_) lane.state = Lane::State::fresh;
  started_ = 0;
  error_ = nullptr;
  try {
    // A fiber runs thread after thread until one of them has to wait: a kernel without barriers needs no more
    // than one.
    while (started_ < lanes_.size()) {
      if (idle_.empty()) {
        fibers_.push_back(std::make_unique<Fiber>(fiber_main));
        idle_.push_back(fibers_.back().get());
      }
      Fiber* fiber = idle_.back();
      idle_.pop_back();
      host_.switch_to(*fiber);
    }
    while (!error_ && release())
      for (std::size_t k = 0; k < lanes_.size() && !error_; ++k)
        if (const unsigned lane = scheduled(k); lanes_[lane].state == Lane::State::ready) resume(lane);
  } catch (...) {
    error_ = std::current_exception();
  }
  if (!error_) return;
  cancel();
  std::rethrow_exception(error_);
}

void Processor::fiber_main() {
  Processor& self = processor();
  Fiber::started(self.host_);
  Fiber* me = self.fibers_.back().get();  // the newest, as this is its first moment
  while (!self.quit_) {
    self.run_lanes(*me);
    self.idle_.push_back(me);
    me->switch_to(self.host_);
  }
  me->switch_to(self.host_, true);
}

void Processor::run_lanes(Fiber& fiber) {
  while (started_ < lanes_.size()) {
    const unsigned index = scheduled(started_++);
    lanes_[index].fiber = &fiber;
    current_ = index;
    coordinates.thread = lanes_[index].thread;
    try {
      (*thread_)();
    } catch (const Cancelled&) {
    } catch (...) {
      if (!error_) error_ = std::current_exception();
      started_ = lanes_.size();
    }
    lanes_[current_].state = Lane::State::done;
  }
}

void Processor::resume(unsigned lane) {
  current_ = lane;
  coordinates.thread = lanes_[lane].thread;
  host_.switch_to(*lanes_[lane].fiber);
}

void Processor::cancel() {
  cancelled_ = true;
  for (unsigned lane = 0; lane < lanes_.size(); ++lane)
    if (lanes_[lane].state == Lane::State::waiting || lanes_[lane].state == Lane::State::ready) resume(lane);
  cancelled_ = false;
}

void Processor::meet(const Meeting& meeting, std::uint64_t value) {
  if (!thread_) throw Error(place(meeting) + " is outside a kernel");
  Lane& lane = lanes_[current_];
  if (meeting.lanes && !(meeting.lanes >> current_ % warp_size & 1))
    throw Error(place(meeting) + " is called by a lane that its mask leaves out");
  lane.meeting = meeting;
  lane.brought = value;
  lane.state = Lane::State::waiting;
  lane.fiber->switch_to(host_);
  if (cancelled_) throw Cancelled{};
}

std::uint64_t Processor::lane_value(unsigned lane) const {
  const std::size_t source = current_ / warp_size * warp_size + lane;
  const bool takes_part = lanes_[current_].meeting.lanes >> lane & 1 && source < lanes_.size();
  return takes_part ? lanes_[source].seen : ~std::uint64_t{0};
}

unsigned Processor::lane_votes() const {
  unsigned votes = 0;
  for (unsigned lane = 0; lane < warp_size; ++lane)
    votes |= static_cast<unsigned>(lane_value(lane) == 1) << lane;
  return votes;
}

/// Lets go everybody whose meeting is complete. False: all threads of the block have ended.
bool Processor::release() {
  if (release_warps()) return true;
  const auto waits = [](const Lane& lane) { return lane.state == Lane::State::waiting; };
  const auto first = std::find_if(lanes_.begin(), lanes_.end(), waits);
  if (first == lanes_.end()) return false;
  const Meeting meeting = first->meeting;
  const auto reached =
      static_cast<std::size_t>(std::count_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
        return waits(lane) && lane.meeting == meeting;
      }));
  if (meeting.lanes || reached < lanes_.size()) report_divergence(meeting, reached);
  for (Lane& lane : lanes_) lane.state = Lane::State::ready;
  return true;
}

/// The warp operations: a group of lanes goes on when all that its mask names (and that exist) are at the
/// same one.
bool Processor::release_warps() {
  bool any = false;
  for (std::size_t warp = 0; warp < lanes_.size(); warp += warp_size)
    for (std::size_t i = warp; i < warp_end(warp); ++i) {
      if (lanes_[i].state != Lane::State::waiting || !lanes_[i].meeting.lanes) continue;
      const Meeting meeting = lanes_[i].meeting;
      const auto named = [&](std::size_t lane) { return meeting.lanes >> (lane - warp) & 1; };
      bool complete = true;
      for (std::size_t lane = warp; lane < warp_end(warp); ++lane)
        if (named(lane))
          complete =
              complete && lanes_[lane].state == Lane::State::waiting && lanes_[lane].meeting == meeting;
      if (!complete) continue;
      for (std::size_t lane = warp; lane < warp_end(warp); ++lane)
        if (named(lane)) {
          lanes_[lane].state = Lane::State::ready;
          lanes_[lane].seen = lanes_[lane].brought;
        }
      any = true;
    }
  return any;
}

void Processor::report_divergence(const Meeting& meeting, std::size_t reached) const {
  const auto ended = static_cast<std::size_t>(std::count_if(
      lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.state == Lane::State::done; }));
  const dim3 block = coordinates.block;
  const auto text = [](auto number) { return std::to_string(number); };
  throw Error("divergent " + place(meeting) + " in block (" + text(block.x) + "," + text(block.y) + "," +
              text(block.z) + "): " + text(reached) + " of " + text(lanes_.size()) + " threads reached it, " +
              text(ended) + " had ended, " + text(lanes_.size() - reached - ended) + " wait elsewhere");
}

/// What every GPU of compute capability 5 and later allows.
void check_launch(dim3 grid, dim3 block) {
  const auto in = [](unsigned value, unsigned most) { return value >= 1 && value <= most; };
  if (!in(block.x, 1024) || !in(block.y, 1024) || !in(block.z, 64) ||
      std::uint64_t{block.x} * block.y * block.z > 1024)
    throw Error("launch: a block has 1 to 1024 threads (at most 64 in z)");
  if (!in(grid.x, 0x7fffffffu) || !in(grid.y, 65535) || !in(grid.z, 65535))
    throw Error("launch: a grid has 1 to 2147483647 blocks in x, 1 to 65535 in y and in z");
  if (processor().busy()) throw Error("launch: a kernel cannot launch another");
}

}  // namespace

void meet(const Meeting& meeting) { processor().meet(meeting, 0); }
void meet(const Meeting& meeting, std::uint64_t value) {
  if (!meeting.lanes) throw Error(place(meeting) + " names no lane");
  processor().meet(meeting, value);
}
std::uint64_t lane_value(unsigned lane) { return processor().lane_value(lane); }
unsigned lane_votes() { return processor().lane_votes(); }
unsigned lane_index() { return processor().current() % warp_size; }
void* shared_array(const void* declaration, std::size_t bytes) {
  return processor().shared().array(declaration, bytes);
}
void* dynamic_shared() { return processor().shared().dynamic(); }

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
    Processor& mine = processor();
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
