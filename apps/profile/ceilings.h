#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace backlight {

/// What the machine can do at most, measured here and now, not taken from a data sheet: the roofs of the
/// roofline model (Williams, Waterman & Patterson 2009, "Roofline: an insightful visual performance model").
struct Ceilings {
  /// float32 multiply-adds out of registers, two operations each.
  struct Compute {
    std::string instructions;  // "AVX-512"
    int threads = 1;
    double flop_per_second = 0;
  };
  std::vector<Compute> compute;

  /// `read`: what one run needs once and the next again, as weights. `copied`: what is written and then
  /// read, as activations. The smaller `bytes`, the nearer the cache that holds them all.
  struct Bandwidth {
    std::string name;
    std::size_t bytes = 0;
    double bytes_per_second = 0;
  };
  Bandwidth memory, weights, activations;

  /// The most that any instruction set reaches with all threads.
  double peak() const;
  /// The shortest time in which a call can do its work: flop / peak, or the time in which its bytes move,
  /// weights and others one after the other; whichever is longer.
  double least_seconds(double flop, double weight_bytes, double other_bytes) const;
};

/// Takes about a second. `weights` and `activations` are the bytes that a program goes through in a run.
Ceilings measure_ceilings(int threads, std::size_t weights, std::size_t activations);

/// Floating-point operations per second of one instruction set.
struct PeakLoop {
  std::string instructions;
  /// Runs `steps` rounds of independent multiply-adds, and gives back something that depends on all of them.
  float (*run)(long steps);
  double flop_per_step;
};
/// Of the instruction sets that this processor has, the widest first.
std::vector<PeakLoop> peak_loops();

}  // namespace backlight
