#include "kernels/cpu/gemm.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t row_elements = 16384, channel_block = 16;

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

/// Sums down the columns, a block of channels per task and row after row: the order never varies.
template <class T>
void moments(const ChannelSizes& s, const T* x, T* mean, T* variance, const Workers& workers) {
  parallel_blocks(workers, s.channels, channel_block, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t n = end - begin;
    Eigen::Map<Eigen::Array<T, 1, Eigen::Dynamic>> m(mean + begin, n), v(variance + begin, n);
    const auto columns = matrix(x + begin, s.rows, n, s.channels);
    m.setZero();
    v.setZero();
    for (std::int64_t r = 0; r < s.rows; ++r) m += columns.row(r).array();
    m /= static_cast<T>(s.rows);
    for (std::int64_t r = 0; r < s.rows; ++r) v += (columns.row(r).array() - m).square();
    v /= static_cast<T>(s.rows);
  });
}

template <class T>
void gradient_sums(const ChannelSizes& s, const T* x, const T* dy, const T* mean, const T* inverse_deviation,
                   T* sum, T* dot, const Workers& workers) {
  parallel_blocks(workers, s.channels, channel_block, [&](std::int64_t begin, std::int64_t end) {
    using Row = Eigen::Array<T, 1, Eigen::Dynamic>;
    const std::int64_t n = end - begin;
    const Eigen::Map<const Row> m(mean + begin, n), inverse(inverse_deviation + begin, n);
    Eigen::Map<Row> total(sum + begin, n), product(dot + begin, n);
    total.setZero();
    product.setZero();
    for (std::int64_t r = 0; r < s.rows; ++r) {
      const Eigen::Map<const Row> xr(x + r * s.channels + begin, n), g(dy + r * s.channels + begin, n);
      total += g;
      product += g * (xr - m);
    }
    product *= inverse;
  });
}

template <class T>
void norm_backward(const ChannelSizes& s, const T* x, const T* dy, const T* mean, const T* inverse_deviation,
                   const T* scale, const T* sum, const T* dot, T* dx, Write write, const Workers& workers) {
  const T rows = static_cast<T>(s.rows);
  for_row_blocks(s, workers, [&](std::int64_t first, std::int64_t count) {
    for (std::int64_t r = first; r < first + count; ++r)
      for (std::int64_t c = 0; c < s.channels; ++c) {
        const std::int64_t i = r * s.channels + c;
        const T normalized = (x[i] - mean[c]) * inverse_deviation[c];
        const T value = scale[c] * (dy[i] - sum[c] / rows - normalized * (dot[c] / rows));
        dx[i] = write == Write::add ? dx[i] + value : value;
      }
  });
}

}  // namespace

BACKLIGHT_CPU_TABLE(ChannelAffine, {{"rows", affine<T>}, {"ref", ref::channel_affine<T>}})
BACKLIGHT_CPU_TABLE(NormScale, {{"ref", ref::norm_scale<T>}})
BACKLIGHT_CPU_TABLE(RunningMoments, {{"ref", ref::running_moments<T>}})
BACKLIGHT_CPU_TABLE(ChannelMoments, {{"columns", moments<T>}, {"ref", ref::channel_moments<T>}})
BACKLIGHT_CPU_TABLE(NormGradientSums, {{"columns", gradient_sums<T>}, {"ref", ref::norm_gradient_sums<T>}})
BACKLIGHT_CPU_TABLE(NormBackward, {{"rows", norm_backward<T>}, {"ref", ref::norm_backward<T>}})

}  // namespace backlight::cpu
