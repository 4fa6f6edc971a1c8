#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/simt/simt.h"

namespace backlight::simt {

constexpr unsigned warp_size = 32;

/// One CUDA thread.
struct Lane {
  enum class State { fresh, waiting, ready, done } state = State::fresh;
  dim3 thread;
  Meeting meeting;
  std::uint64_t brought = 0, seen = 0;  // by the meeting that comes, and by the last one that was held
};

/// The threads of one block: where each of them waits, and when a meeting is complete, so that they may go
/// on. How they run is not known here.
class Lanes {
 public:
  void resize(dim3 block);
  void start_block();
  std::size_t size() const { return lanes_.size(); }
  Lane& operator[](unsigned lane) { return lanes_[lane]; }

  /// A lane comes to a meeting.
  void wait(unsigned lane, const Meeting& meeting, std::uint64_t value);
  /// Makes everybody ready whose meeting is complete. False: all threads of the block have ended. Throws
  /// where no meeting can become complete any more.
  bool release();

  /// What `lane` of the same warp brought to the meeting that `current` comes from.
  std::uint64_t value(unsigned current, unsigned lane) const;
  unsigned votes(unsigned current) const;

 private:
  bool release_warps();
  [[noreturn]] void report_divergence(const Meeting& meeting, std::size_t reached) const;
  std::size_t warp_end(std::size_t first) const { return std::min(first + warp_size, lanes_.size()); }

  std::vector<Lane> lanes_;
};

/// "__syncthreads at relu.cu:12", for error messages.
std::string place(const Meeting& meeting);

}  // namespace backlight::simt
