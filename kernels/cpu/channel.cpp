#include <algorithm>
#include <vector>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/table.h"

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
template <class T, class Add>
void block_sums(const ChannelSizes& s, const Workers& workers, std::int64_t count, T* sums, Add add) {
  constexpr std::int64_t block = 2048;
  std::vector<T> partial(static_cast<std::size_t>((s.rows + block - 1) / block * count));
  parallel_blocks(workers, s.rows, block, [&](std::int64_t begin, std::int64_t end) {
    add(begin, end - begin, partial.data() + begin / block * count);
  });
  std::fill_n(sums, count, T(0));
  for (std::size_t i = 0; i < partial.size(); ++i) sums[i % count] += partial[i];
}

template <class T>
void moments(const ChannelSizes& s, const T* x, T* mean, T* variance, const Workers& workers) {
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
}

template <class T>
void gradient_sums(const ChannelSizes& s, const T* x, const T* dy, const T* mean, const T* inverse_deviation,
                   T* sum, T* dot, const Workers& workers) {
  std::vector<T> both(static_cast<std::size_t>(2 * s.channels));
  block_sums(s, workers, 2 * s.channels, both.data(), [&](std::int64_t first, std::int64_t count, T* total) {
    T* product = total + s.channels;
    for (std::int64_t r = first; r < first + count; ++r)
      for (std::int64_t c = 0; c < s.channels; ++c) {
        const T g = dy[r * s.channels + c];
        total[c] += g;
        product[c] += g * (x[r * s.channels + c] - mean[c]);
      }
  });
  for (std::int64_t c = 0; c < s.channels; ++c) {
    sum[c] = both[c];
    dot[c] = both[s.channels + c] * inverse_deviation[c];
  }
}

template <class T>
void norm_backward(const ChannelSizes& s, const T* x, const T* dy, const T* mean, const T* inverse_deviation,
                   const T* scale, const T* sum, const T* dot, T* dx, Write write, const Workers& workers) {
  const T rows = static_cast<T>(s.rows);
  std::vector<T> mean_dy(sum, sum + s.channels),
      mean_dot(dot, dot + s.channels);  // Σ/R: once, not in every row
  for (T& value : mean_dy) value /= rows;
  for (T& value : mean_dot) value /= rows;
  for_row_blocks(s, workers, [&](std::int64_t first, std::int64_t count) {
    for (std::int64_t r = first; r < first + count; ++r)
      for (std::int64_t c = 0; c < s.channels; ++c) {
        const std::int64_t i = r * s.channels + c;
        const T normalized = (x[i] - mean[c]) * inverse_deviation[c];
        const T value = scale[c] * (dy[i] - mean_dy[c] - normalized * mean_dot[c]);
        dx[i] = write == Write::add ? dx[i] + value : value;
      }
  });
}

}  // namespace

BACKLIGHT_TABLE(ChannelAffine, {{"rows", affine<T>}, {"ref", ref::channel_affine<T>}})
BACKLIGHT_TABLE(NormScale, {{"ref", ref::norm_scale<T>}})
BACKLIGHT_TABLE(RunningMoments, {{"ref", ref::running_moments<T>}})
BACKLIGHT_TABLE(ChannelMoments, {{"blocks", moments<T>}, {"ref", ref::channel_moments<T>}})
BACKLIGHT_TABLE(NormGradientSums, {{"blocks", gradient_sums<T>}, {"ref", ref::norm_gradient_sums<T>}})
BACKLIGHT_TABLE(NormBackward, {{"rows", norm_backward<T>}, {"ref", ref::norm_backward<T>}})

}  // namespace backlight::cpu
