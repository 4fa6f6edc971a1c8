#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t row_elements = 16384;

/// body(first row, rows) over blocks of whole rows.
template <class Body>
void for_row_blocks(const ChannelSizes& s, const Workers& workers, Body body) {
  const std::int64_t rows = std::max<std::int64_t>(1, row_elements / s.channels);
  parallel_blocks(workers, s.rows, rows,
                  [&](std::int64_t begin, std::int64_t end) { body(begin, end - begin); });
}

template <class T>
void affine(const ChannelSizes& s, const T* x, const T* scale, const T* shift, T* y, Write write,
            const Workers& workers) {
  for_row_blocks(s, workers, [&](std::int64_t row, std::int64_t rows) {
    const std::int64_t i = row * s.channels;
    ref::channel_affine<T>({rows, s.channels}, x + i, scale, shift, y + i, write, {});
  });
}

/// Sums down the columns: add(first row, rows, partial sums) over blocks of rows, each block's sums (`count`
/// of them, zero at the start) on their own and then added in order. So the order never varies, there is work
/// for all threads, and a sum of a million rows rounds as little as one of a few thousand.
constexpr std::int64_t block_rows = 2048;

/// Elements of the partial sums, which block_sums keeps at the start of the shared scratch.
std::int64_t partial_sums(const ChannelSizes& s, std::int64_t count) {
  return (s.rows + block_rows - 1) / block_rows * count;
}

template <class T>
T* shared(const Workers& workers) {
  return reinterpret_cast<T*>(workers.shared);
}

template <class T, class Add>
void block_sums(const ChannelSizes& s, const Workers& workers, std::int64_t count, T* sums, Add add) {
  T* const partial = shared<T>(workers);
  parallel_blocks(workers, s.rows, block_rows, [&](std::int64_t begin, std::int64_t end) {
    T* const own = partial + begin / block_rows * count;
    std::fill_n(own, count, T(0));
    add(begin, end - begin, own);
  });
  std::fill_n(sums, count, T(0));
  for (std::int64_t i = 0; i < partial_sums(s, count); ++i) sums[i % count] += partial[i];
}

template <class T>
Bound<ChannelMoments<T>> bind_moments(const ChannelSizes& s, const Machine&) {
  const auto run = [s](const T* x, T* mean, T* variance, const Workers& workers) {
    const T rows = static_cast<T>(s.rows);
    block_sums(s, workers, s.channels, mean, [&](std::int64_t first, std::int64_t count, T* sum) {
      for (const T* row = x + first * s.channels; count-- > 0; row += s.channels)
        for (std::int64_t c = 0; c < s.channels; ++c) sum[c] += row[c];
    });
    for (std::int64_t c = 0; c < s.channels; ++c) mean[c] /= rows;
    block_sums(s, workers, s.channels, variance, [&](std::int64_t first, std::int64_t count, T* squares) {
      for (const T* row = x + first * s.channels; count-- > 0; row += s.channels)
        for (std::int64_t c = 0; c < s.channels; ++c) squares[c] += (row[c] - mean[c]) * (row[c] - mean[c]);
    });
    for (std::int64_t c = 0; c < s.channels; ++c) variance[c] /= rows;
  };
  return {.run = run, .shared = static_cast<std::size_t>(partial_sums(s, s.channels)) * sizeof(T)};
}

template <class T>
Bound<NormGradientSums<T>> bind_gradient_sums(const ChannelSizes& s, const Machine&) {
  const std::int64_t both = 2 * s.channels;  // the sums and, behind them, the products
  const auto run = [s, both](const T* x, const T* dy, const T* mean, const T* inverse_deviation, T* sum,
                             T* dot, const Workers& workers) {
    T* const totals = shared<T>(workers) + partial_sums(s, both);
    block_sums(s, workers, both, totals, [&](std::int64_t first, std::int64_t count, T* total) {
      T* product = total + s.channels;
      for (std::int64_t r = first; r < first + count; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
          const T g = dy[r * s.channels + c];
          total[c] += g;
          product[c] += g * (x[r * s.channels + c] - mean[c]);
        }
    });
    for (std::int64_t c = 0; c < s.channels; ++c) {
      sum[c] = totals[c];
      dot[c] = totals[s.channels + c] * inverse_deviation[c];
    }
  };
  return {.run = run, .shared = static_cast<std::size_t>(partial_sums(s, both) + both) * sizeof(T)};
}

template <class T>
Bound<NormBackward<T>> bind_norm_backward(const ChannelSizes& s, const Machine&) {
  const auto run = [s](const T* x, const T* dy, const T* mean, const T* inverse_deviation, const T* scale,
                       const T* sum, const T* dot, T* dx, Write write, const Workers& workers) {
    const T rows = static_cast<T>(s.rows);
    T *const mean_dy = shared<T>(workers), *const mean_dot = mean_dy + s.channels;  // Σ/R: once, not per row
    for (std::int64_t c = 0; c < s.channels; ++c) mean_dy[c] = sum[c] / rows, mean_dot[c] = dot[c] / rows;
    for_row_blocks(s, workers, [&](std::int64_t first, std::int64_t count) {
      for (std::int64_t r = first; r < first + count; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
          const std::int64_t i = r * s.channels + c;
          const T normalized = (x[i] - mean[c]) * inverse_deviation[c];
          const T value = scale[c] * (dy[i] - mean_dy[c] - normalized * mean_dot[c]);
          dx[i] = write == Write::add ? dx[i] + value : value;
        }
    });
  };
  return {.run = run, .shared = static_cast<std::size_t>(2 * s.channels) * sizeof(T)};
}

}  // namespace

BACKLIGHT_TABLE(ChannelAffine, {{"rows", affine<T>}, {"ref", ref::channel_affine<T>}})
BACKLIGHT_TABLE(NormScale, {{"ref", ref::norm_scale<T>}})
BACKLIGHT_TABLE(RunningMoments, {{"ref", ref::running_moments<T>}})
BACKLIGHT_TABLE(ChannelMoments, {{"blocks", bind_moments<T>}, {"ref", ref::channel_moments<T>}})
BACKLIGHT_TABLE(NormGradientSums, {{"blocks", bind_gradient_sums<T>}, {"ref", ref::norm_gradient_sums<T>}})
BACKLIGHT_TABLE(NormBackward, {{"rows", bind_norm_backward<T>}, {"ref", ref::norm_backward<T>}})

}  // namespace backlight::cpu
