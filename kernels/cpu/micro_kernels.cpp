#include "kernels/cpu/micro_kernels.h"

#include <algorithm>

#include "kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/micro_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

// Loops over the registers of a block: their bounds are constants, and they must vanish.
#define BACKLIGHT_UNROLL _Pragma("GCC unroll 16") for

HWY_BEFORE_NAMESPACE();
namespace backlight::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr int lanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));

// A block of sums fills the registers: 6 rows of 4 vectors where there are 32 of them (24 sums, 4 weights,
// 1 number), of 2 where there are 16; and 8 channels at least, a byte of a mask.
constexpr bool many_registers = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON;
constexpr int rows = 6;
constexpr int dot_rows = many_registers ? 6 : 2;
template <class T>
constexpr int vectors = std::max(many_registers ? 4 : 2, 8 / lanes<T>);

template <class T, int R, int V, class Step>
HWY_INLINE void sum_block(const Rows<T>& to, bool adds, Step step) {
  const hn::ScalableTag<T> d;
  hn::Vec<decltype(d)> sum[R][V];
  BACKLIGHT_UNROLL(int r = 0; r < R; ++r)
  BACKLIGHT_UNROLL(int v = 0; v < V; ++v) { sum[r][v] = hn::Zero(d); }
  step(sum);
  BACKLIGHT_UNROLL(int r = 0; r < R; ++r)
  BACKLIGHT_UNROLL(int v = 0; v < V; ++v) {
    T* const at = to.sums + r * to.stride + v * lanes<T>;
    hn::StoreU(adds ? hn::Add(hn::LoadU(d, at), sum[r][v]) : sum[r][v], d, at);
  }
}

template <class T, int R, int V>
void multiply(const Rows<T>& to, std::span<const Run> runs, const T* w, std::int64_t stride, bool adds) {
  sum_block<T, R, V>(to, adds, [&](auto& sum) HWY_ATTR {
    const hn::ScalableTag<T> d;
    for (const Run& run : runs) {
      const T* x[R];
      BACKLIGHT_UNROLL(int r = 0; r < R; ++r) x[r] = to.rows[r] + run.offset;
      for (std::int64_t k = 0; k < run.length; ++k, w += stride) {
        hn::Vec<decltype(d)> weights[V];
        BACKLIGHT_UNROLL(int v = 0; v < V; ++v) weights[v] = hn::LoadU(d, w + v * lanes<T>);
        BACKLIGHT_UNROLL(int r = 0; r < R; ++r) {
          const auto number = hn::Set(d, x[r][k]);
          BACKLIGHT_UNROLL(int v = 0; v < V; ++v) sum[r][v] = hn::MulAdd(number, weights[v], sum[r][v]);
        }
      }
    }
  });
}

template <class T, int R, int V>
void depthwise(const Rows<T>& to, std::span<const Run> runs, const T* w, std::int64_t first) {
  sum_block<T, R, V>(to, false, [&](auto& sum) HWY_ATTR {
    const hn::ScalableTag<T> d;
    for (const Run& run : runs) {
      hn::Vec<decltype(d)> weights[V];
      BACKLIGHT_UNROLL(int v = 0; v < V; ++v) weights[v] = hn::LoadU(d, w + v * lanes<T>);
      BACKLIGHT_UNROLL(int r = 0; r < R; ++r)
      BACKLIGHT_UNROLL(int v = 0; v < V; ++v) {
        const auto numbers = hn::LoadU(d, to.rows[r] + run.offset + first + v * lanes<T>);
        sum[r][v] = hn::MulAdd(numbers, weights[v], sum[r][v]);
      }
      w += V * lanes<T>;
    }
  });
}

template <class T, int R, int C>
void dots(const Rows<T>& to, std::span<const Run> runs, const T* w) {
  const hn::ScalableTag<T> d;
  std::int64_t padded = 0;  // numbers of a channel's weights
  for (const Run& run : runs) padded += (run.length + lanes<T> - 1) / lanes<T> * lanes<T>;
  hn::Vec<decltype(d)> sum[R][C];
  BACKLIGHT_UNROLL(int r = 0; r < R; ++r)
  BACKLIGHT_UNROLL(int c = 0; c < C; ++c) sum[r][c] = hn::Zero(d);
  const auto add = [&](const auto(&numbers)[R]) HWY_ATTR {
    BACKLIGHT_UNROLL(int c = 0; c < C; ++c) {
      const auto weights = hn::LoadU(d, w + c * padded);
      BACKLIGHT_UNROLL(int r = 0; r < R; ++r) sum[r][c] = hn::MulAdd(numbers[r], weights, sum[r][c]);
    }
    w += lanes<T>;
  };
  for (const Run& run : runs) {
    std::int64_t k = 0;
    hn::Vec<decltype(d)> numbers[R];
    for (; k + lanes<T> <= run.length; k += lanes<T>) {
      BACKLIGHT_UNROLL(int r = 0; r < R; ++r) numbers[r] = hn::LoadU(d, to.rows[r] + run.offset + k);
      add(numbers);
    }
    if (k == run.length) continue;
    const auto rest = hn::FirstN(d, static_cast<std::size_t>(run.length - k));
    BACKLIGHT_UNROLL(int r = 0; r < R; ++r) {
      numbers[r] = hn::IfThenElseZero(rest, hn::LoadU(d, to.rows[r] + run.offset + k));
    }
    add(numbers);
  }
  BACKLIGHT_UNROLL(int r = 0; r < R; ++r)
  BACKLIGHT_UNROLL(int c = 0; c < C; ++c) {
    to.sums[r * to.stride + c] = hn::GetLane(hn::SumOfLanes(d, sum[r][c]));
  }
}

/// call.operator()<R, n>() for n = 1, 2 … most, whichever `count` is.
template <int R, int most, class Call>
void with_columns(std::int64_t count, Call call) {
  if constexpr (most > 1)
    if (count < most) return with_columns<R, most - 1>(count, call);
  call.template operator()<R, most>();
}
template <int R, int most, class Call>
void with_block(std::int64_t count, std::int64_t columns, Call call) {
  if constexpr (R > 1)
    if (count < R) return with_block<R - 1, most>(count, columns, call);
  with_columns<R, most>(columns, call);
}

template <class T>
void any_multiply(const Rows<T>& to, std::span<const Run> runs, const T* weights, std::int64_t stride,
                  std::int64_t columns, bool adds) {
  with_block<rows, vectors<T>>(to.count, columns,
                               [&]<int R, int V>() { multiply<T, R, V>(to, runs, weights, stride, adds); });
}
template <class T>
void any_depthwise(const Rows<T>& to, std::span<const Run> runs, const T* weights, std::int64_t columns,
                   std::int64_t first) {
  with_block<rows, vectors<T>>(to.count, columns,
                               [&]<int R, int V>() { depthwise<T, R, V>(to, runs, weights, first); });
}
template <class T>
void any_dots(const Rows<T>& to, std::span<const Run> runs, const T* weights, std::int64_t channels) {
  for (std::int64_t r = 0; r < to.count; r += dot_rows) {
    const Rows<T> some{to.rows + r, std::min<std::int64_t>(dot_rows, to.count - r), to.sums + r * to.stride,
                       to.stride};
    with_block<dot_rows, most_dots>(some.count, channels,
                                    [&]<int R, int C>() { dots<T, R, C>(some, runs, weights); });
  }
}

template <class T>
const MicroKernels<T>* kernels() {
  static constexpr MicroKernels<T> all = {lanes<T>,         rows,       vectors<T>, any_multiply<T>,
                                          any_depthwise<T>, any_dots<T>};
  return &all;
}

}  // namespace

const MicroKernels<float>* float_kernels() { return kernels<float>(); }
const MicroKernels<double>* double_kernels() { return kernels<double>(); }

}  // namespace backlight::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backlight::cpu {

HWY_EXPORT(float_kernels);
HWY_EXPORT(double_kernels);

template <>
const MicroKernels<float>& micro_kernels<float>() {
  return *HWY_DYNAMIC_DISPATCH(float_kernels)();
}
template <>
const MicroKernels<double>& micro_kernels<double>() {
  return *HWY_DYNAMIC_DISPATCH(double_kernels)();
}

}  // namespace backlight::cpu
#endif
