#pragma once

#include <algorithm>

#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/micro_kernels.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/winograd_plan.h"
#include "kernels/cpu/winograd_tiles.h"

namespace backlight::cpu {

/// Runs a plan. `Finish` is an Epilogue<T> or a Gate.
template <class T, int m, class Finish>
class WinogradProduct {
 public:
  WinogradProduct(const WinogradPlan& plan, const T* source, const T* packed, const Finish& rule, T* target)
      : p_(plan), source_(source), packed_(packed), rule_(rule), target_(target) {}

  void run(const Workers& workers) const {
    T* const zeros = reinterpret_cast<T*>(workers.shared);
    std::fill_n(zeros, p_.depth, T(0));
    if (p_.alone)
      run_alone(zeros, workers);
    else
      run_together(zeros, zeros + p_.depth, workers);
  }

 private:
  struct Place {
    std::int64_t image, top, left;  // of a tile's first output
  };
  Place place(std::int64_t tile) const {
    const std::int64_t in_image = tile % (p_.tiles_down * p_.tiles_across);
    return {tile / (p_.tiles_down * p_.tiles_across), in_image / p_.tiles_across * m,
            in_image % p_.tiles_across * m};
  }

  void run_alone(const T* zeros, const Workers& workers) const {
    parallel_for(workers, (p_.tiles() + p_.task_tiles - 1) / p_.task_tiles,
                 [&](std::int64_t index, int worker) {
                   const std::int64_t first = index * p_.task_tiles,
                                      count = std::min(p_.task_tiles, p_.tiles() - first);
                   T* const v = workers.slice<T>(worker);
                   for (std::int64_t t = 0; t < count; ++t) transform(first + t, zeros, v + t * p_.depth);
                   for (std::int64_t block = 0; block < p_.blocks(); ++block)
                     multiply(v, first, count, block, v + p_.transform_elements());
                 });
  }

  void run_together(const T* zeros, T* v, const Workers& workers) const {
    for (std::int64_t first = 0; first < p_.tiles(); first += p_.group_tiles) {
      const std::int64_t count = std::min(p_.group_tiles, p_.tiles() - first);
      parallel_blocks(workers, count, 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t t = begin; t < end; ++t) transform(first + t, zeros, v + t * p_.depth);
      });
      const std::int64_t parts = (count + p_.task_tiles - 1) / p_.task_tiles;
      parallel_for(workers, p_.blocks() * parts, [&](std::int64_t index, int worker) {
        const std::int64_t begin = index % parts * p_.task_tiles;
        multiply(v + begin * p_.depth, first + begin, std::min(p_.task_tiles, count - begin), index / parts,
                 workers.slice<T>(worker));
      });
    }
  }

  void transform(std::int64_t tile, const T* zeros, T* v) const {
    constexpr int n = m + 2;
    const T* pixels[n * n];
    const Place at = place(tile);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        const std::int64_t y = at.top - p_.pad_top + i, x = at.left - p_.pad_left + j;
        const bool inside = y >= 0 && y < p_.source_height && x >= 0 && x < p_.source_width;
        pixels[i * n + j] =
            inside ? source_ + ((at.image * p_.source_height + y) * p_.source_width + x) * p_.depth : zeros;
      }
    winograd_tiles<T, m>().input(pixels, p_.depth, v, p_.group_tiles * p_.depth);
  }

  /// The products of some tiles and one block of channels, and their outputs.
  void multiply(const T* v, std::int64_t first_tile, std::int64_t tiles, std::int64_t block,
                T* scratch) const {
    const MicroKernels<T>& kernels = micro_kernels<T>();
    const std::int64_t vectors = p_.block_starts[block + 1] - p_.block_starts[block];
    const std::int64_t first = p_.block_starts[block] * p_.lanes, channels = vectors * p_.lanes;
    for (std::int64_t position = 0; position < p_.positions(); ++position) {
      const T* const weights = packed_ + position * p_.depth * p_.width + first * p_.depth;
      const T* const rows = v + position * p_.group_tiles * p_.depth;
      T* const sums = scratch + position * p_.task_tiles * channels;
      for (std::int64_t k = 0; k < p_.depth; k += p_.chunk) {
        const Run run{k, std::min(p_.chunk, p_.depth - k)};
        for (std::int64_t t = 0; t < tiles; t += kernels.rows) {
          const T* read[16];
          const std::int64_t count = std::min(kernels.rows, tiles - t);
          for (std::int64_t r = 0; r < count; ++r) read[r] = rows + (t + r) * p_.depth;
          kernels.multiply({read, count, sums + t * channels, channels}, {&run, 1}, weights + k * channels,
                           channels, vectors, k > 0);
        }
      }
    }
    T* const y = scratch + p_.positions() * p_.task_tiles * channels;
    for (std::int64_t t = 0; t < tiles; ++t) {
      winograd_tiles<T, m>().output(scratch + t * channels, p_.task_tiles * channels, channels, y, channels);
      const Place at = place(first_tile + t);
      for (std::int64_t i = 0; i < std::min<std::int64_t>(m, p_.target_height - at.top); ++i)
        for (std::int64_t j = 0; j < std::min<std::int64_t>(m, p_.target_width - at.left); ++j) {
          const std::int64_t row = (at.image * p_.target_height + at.top + i) * p_.target_width + at.left + j;
          finish(rule_, p_.width, row, first, channels, y + (i * m + j) * channels, target_);
        }
    }
  }

  const WinogradPlan& p_;
  const T* source_;
  const T* packed_;
  const Finish& rule_;
  T* target_;
};

}  // namespace backlight::cpu
