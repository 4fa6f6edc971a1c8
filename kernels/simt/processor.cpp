#include "kernels/simt/processor.h"

#include <utility>

namespace backlight::simt {
namespace {

struct Cancelled {};  // unwinds the threads that still wait when their block has failed

}  // namespace

Processor& Processor::mine() {
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
  lanes_.resize(block);
  carriers_.assign(lanes_.size(), nullptr);
  thread_ = &thread;
}

void Processor::run_block(std::uint64_t index) {
  const dim3 grid = coordinates.grid_size;
  coordinates.block = {static_cast<unsigned>(index % grid.x), static_cast<unsigned>(index / grid.x % grid.y),
                       static_cast<unsigned>(index / grid.x / grid.y)};
  shared_.start_block();
  lanes_.start_block();
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
    while (!error_ && lanes_.release())
      for (std::size_t k = 0; k < lanes_.size() && !error_; ++k)
        if (const unsigned lane = scheduled(k); lanes_[lane].state == Lane::State::ready) resume(lane);
  } catch (...) {
    error_ = std::current_exception();
  }
  if (!error_) return;
  cancel();
  std::rethrow_exception(
      std::exchange(error_, nullptr));  // a worker keeps nothing that the launch gives back
}

void Processor::fiber_main() {
  Processor& self = mine();
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
    carriers_[index] = &fiber;
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
  host_.switch_to(*carriers_[lane]);
}

void Processor::cancel() {
  cancelled_ = true;
  for (unsigned lane = 0; lane < lanes_.size(); ++lane)
    if (lanes_[lane].state == Lane::State::waiting || lanes_[lane].state == Lane::State::ready) resume(lane);
  cancelled_ = false;
}

void Processor::meet(const Meeting& meeting, std::uint64_t value) {
  if (!thread_) throw Error(place(meeting) + " is outside a kernel");
  lanes_.wait(current_, meeting, value);
  carriers_[current_]->switch_to(host_);
  if (cancelled_) throw Cancelled{};
}

}  // namespace backlight::simt
