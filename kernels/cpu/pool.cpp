#include "kernels/cpu/parallel.h"
#include "kernels/cpu/pool_loops.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

/// body(n, oy) for every row of windows.
template <class Body>
void for_each_row(const Workers& workers, std::int64_t batch, std::int64_t height, Body body) {
  parallel_for(workers, batch * height, [&](std::int64_t row, int) { body(row / height, row % height); });
}

std::int64_t output_index(const PoolSizes& s, std::int64_t n, std::int64_t oy, std::int64_t ox) {
  return ((n * s.out_height + oy) * s.out_width + ox) * s.channels;
}

/// body(first window, last window + 1) along one axis: the windows that hold input position i.
struct Range {
  std::int64_t begin, end;
};
Range windows_holding(std::int64_t i, std::int64_t pad, std::int64_t kernel, std::int64_t stride,
                      std::int64_t count) {
  const std::int64_t last = i + pad, first = last - kernel + 1;
  return {first <= 0 ? 0 : (first + stride - 1) / stride, std::min(count, last / stride + 1)};
}

/// visit(window index of channel 0, oy, ox) for the windows that hold input pixel (iy, ix), in row-major
/// order.
template <class Visit>
void for_each_window_holding(const PoolSizes& s, std::int64_t n, std::int64_t iy, std::int64_t ix,
                             Visit visit) {
  const Range rows = windows_holding(iy, s.pad_top, s.kernel_height, s.stride_y, s.out_height);
  const Range columns = windows_holding(ix, s.pad_left, s.kernel_width, s.stride_x, s.out_width);
  for (std::int64_t oy = rows.begin; oy < rows.end; ++oy)
    for (std::int64_t ox = columns.begin; ox < columns.end; ++ox) visit(output_index(s, n, oy, ox), oy, ox);
}

template <class T>
void max_forward(const PoolSizes& s, const T* x, T* y, std::uint8_t* winners, const Workers& workers) {
  const PoolLoops<T>& loops = pool_loops<T>();
  for_each_row(workers, s.batch, s.out_height, [&](std::int64_t n, std::int64_t oy) {
    for (std::int64_t ox = 0; ox < s.out_width; ++ox) {
      const ref::PoolWindow w = ref::pool_window(s, oy, ox);
      const std::int64_t out = output_index(s, n, oy, ox);
      for (std::int64_t c = 0; c < s.channels; c += pool_strip) {
        const std::int64_t count = std::min(pool_strip, s.channels - c);
        T best[pool_strip] = {};
        std::uint8_t taps[pool_strip];
        const T* first = x + ref::input_index(s, n, w.top, w.left) + c;
        std::copy_n(first, count, best);
        std::fill_n(taps, pool_strip,
                    static_cast<std::uint8_t>((w.top - w.origin_y) * s.kernel_width + w.left - w.origin_x));
        for (std::int64_t iy = w.top; iy < w.bottom; ++iy)
          for (std::int64_t ix = w.left; ix < w.right; ++ix) {
            const std::int64_t tap = (iy - w.origin_y) * s.kernel_width + ix - w.origin_x;
            loops.compare(x + ref::input_index(s, n, iy, ix) + c, count, static_cast<std::uint8_t>(tap), best,
                          taps);
          }
        std::copy_n(best, count, y + out + c);
        if (winners) std::copy_n(taps, count, winners + out + c);
      }
    }
  });
}

template <class T>
void max_backward(const PoolSizes& s, const T* dy, const std::uint8_t* winners, T* dx, Write write,
                  const Workers& workers) {
  const PoolLoops<T>& loops = pool_loops<T>();
  for_each_row(workers, s.batch, s.in_height, [&](std::int64_t n, std::int64_t iy) {
    for (std::int64_t ix = 0; ix < s.in_width; ++ix)
      for (std::int64_t c = 0; c < s.channels; c += pool_strip) {
        T* out = dx + ref::input_index(s, n, iy, ix) + c;
        const std::int64_t count = std::min(pool_strip, s.channels - c);
        T sum[pool_strip] = {};
        if (write == Write::add) std::copy_n(out, count, sum);
        for_each_window_holding(s, n, iy, ix, [&](std::int64_t window, std::int64_t oy, std::int64_t ox) {
          const std::int64_t ky = iy + s.pad_top - oy * s.stride_y, kx = ix + s.pad_left - ox * s.stride_x;
          loops.route(dy + window + c, winners + window + c, count,
                      static_cast<std::uint8_t>(ky * s.kernel_width + kx), sum);
        });
        std::copy_n(sum, count, out);
      }
  });
}

template <class T>
void average_forward(const PoolSizes& s, const T* x, T* y, const Workers& workers) {
  for_each_row(workers, s.batch, s.out_height, [&](std::int64_t n, std::int64_t oy) {
    for (std::int64_t ox = 0; ox < s.out_width; ++ox) {
      const ref::PoolWindow w = ref::pool_window(s, oy, ox);
      T* out = y + output_index(s, n, oy, ox);
      std::fill_n(out, s.channels, T(0));
      for (std::int64_t iy = w.top; iy < w.bottom; ++iy)
        for (std::int64_t ix = w.left; ix < w.right; ++ix) {
          const T* value = x + ref::input_index(s, n, iy, ix);
          for (std::int64_t c = 0; c < s.channels; ++c) out[c] += value[c];
        }
      const T divisor = static_cast<T>(ref::pool_divisor(s, w));
      for (std::int64_t c = 0; c < s.channels; ++c) out[c] /= divisor;
    }
  });
}

template <class T>
void average_backward(const PoolSizes& s, const T* dy, T* dx, Write write, const Workers& workers) {
  for_each_row(workers, s.batch, s.in_height, [&](std::int64_t n, std::int64_t iy) {
    for (std::int64_t ix = 0; ix < s.in_width; ++ix) {
      T* out = dx + ref::input_index(s, n, iy, ix);
      if (write == Write::set) std::fill_n(out, s.channels, T(0));
      for_each_window_holding(s, n, iy, ix, [&](std::int64_t window, std::int64_t oy, std::int64_t ox) {
        const T divisor = static_cast<T>(ref::pool_divisor(s, ref::pool_window(s, oy, ox)));
        for (std::int64_t c = 0; c < s.channels; ++c) out[c] += dy[window + c] / divisor;
      });
    }
  });
}

}  // namespace

BACKLIGHT_TABLE(MaxPoolForward, {{"rows", max_forward<T>}, {"ref", ref::max_pool_forward<T>}})
BACKLIGHT_TABLE(MaxPoolReplay, {{"ref", ref::max_pool_replay<T>}})
BACKLIGHT_TABLE(MaxPoolBackward, {{"rows", max_backward<T>}, {"ref", ref::max_pool_backward<T>}})
BACKLIGHT_TABLE(AveragePoolForward, {{"rows", average_forward<T>}, {"ref", ref::average_pool_forward<T>}})
BACKLIGHT_TABLE(AveragePoolBackward, {{"rows", average_backward<T>}, {"ref", ref::average_pool_backward<T>}})

}  // namespace backlight::cpu
