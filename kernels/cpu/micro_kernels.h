#pragma once

#include <cstdint>
#include <span>

namespace backlight::cpu {

/// A stretch of k, the index that a convolution sums over: `length` neighbours in memory, from `offset` after
/// where a row begins.
struct Run {
  std::int64_t offset, length;
};

/// Some rows of a sum: row r reads from rows[r] on, and its sums lie from sums + r·stride on. `count` is at
/// most MicroKernels::rows.
template <class T>
struct Rows {
  const T* const* rows;
  std::int64_t count;
  T* sums;
  std::int64_t stride;
};

/// The loops that all the time goes into, for the vectors of this processor. Each sums in one order — run
/// after run, k ascending, one fused multiply-add a step — whatever the number of rows: so a pixel has the
/// same sum wherever it lies in a tile.
template <class T>
struct MicroKernels {
  std::int64_t lanes;    // numbers in a vector
  std::int64_t rows;     // of one call, at most
  std::int64_t vectors;  // of one block of channels, at most

  /// sums[r][c] = Σ_k rows[r][k] · weights[k·stride + c] for a block of `vectors` vectors of channels c; with
  /// `adds`, from what sums[r][c] holds on.
  void (*multiply)(const Rows<T>&, std::span<const Run>, const T* weights, std::int64_t stride,
                   std::int64_t vectors, bool adds);

  /// The same where a channel reads itself alone: sums[r][c] = Σ_runs rows[r][run.offset + first + c] ·
  /// weights[run][c].
  void (*depthwise)(const Rows<T>&, std::span<const Run>, const T* weights, std::int64_t vectors,
                    std::int64_t first);

  /// sums[r][c] = Σ_k rows[r][k] · weights[c][k] for `channels` ≤ 4 channels, too few to fill a vector: each
  /// lane sums every lanes-th k of a run, and the lanes are added at the end. In the weights each run is
  /// filled up with zeros to whole vectors; rows may be read as far.
  void (*dots)(const Rows<T>&, std::span<const Run>, const T* weights, std::int64_t channels);
};

/// The most channels of `dots`.
constexpr std::int64_t most_dots = 4;

/// For the instruction set that this processor has.
template <class T>
const MicroKernels<T>& micro_kernels();

}  // namespace backlight::cpu
