#include "kernels/cpu/winograd_tiles.h"

#include <array>
#include <numbers>

#include "kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/winograd_tiles.cpp"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

#define BACKLIGHT_UNROLL _Pragma("GCC unroll 8") for

HWY_BEFORE_NAMESPACE();
namespace backlight::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
template <class T>
using Vector = hn::Vec<hn::ScalableTag<T>>;

/// Along one axis. Nothing here rounds where a line is flat: differences of equal numbers are 0, so that a
/// flat window has the same bits wherever it lies in its tile.
struct Lines2 {
  template <class T>
  HWY_INLINE static void input(const Vector<T> (&d)[4], Vector<T> (&v)[4]) {
    v[0] = hn::Sub(d[0], d[2]);
    v[1] = hn::Add(d[1], d[2]);
    v[2] = hn::Sub(d[2], d[1]);
    v[3] = hn::Sub(d[1], d[3]);
  }
  template <class T>
  HWY_INLINE static void output(const Vector<T> (&s)[4], Vector<T> (&y)[2]) {
    y[0] = hn::Add(hn::Add(s[0], s[1]), s[2]);
    y[1] = hn::Sub(hn::Sub(s[1], s[2]), s[3]);
  }
};

/// With s = √½ and t = √2 = 2s: the products that a point and its negative share are computed once.
struct Lines4 {
  template <class T>
  HWY_INLINE static void input(const Vector<T> (&d)[6], Vector<T> (&v)[6]) {
    const auto number = [](double x) HWY_ATTR { return hn::Set(hn::ScalableTag<T>(), static_cast<T>(x)); };
    const auto s = number(std::numbers::sqrt2 / 2), t = number(std::numbers::sqrt2), half = number(0.5),
               two = number(2), middle = number(2.5);
    v[0] = hn::Add(hn::NegMulAdd(middle, d[2], d[0]), d[4]);
    const auto even_s = hn::NegMulAdd(two, d[2], d[4]), odd_s = hn::Mul(s, hn::NegMulAdd(two, d[1], d[3]));
    v[1] = hn::Add(even_s, odd_s);
    v[2] = hn::Sub(even_s, odd_s);
    const auto even_t = hn::NegMulAdd(half, d[2], d[4]), odd_t = hn::Mul(t, hn::NegMulAdd(half, d[1], d[3]));
    v[3] = hn::Add(even_t, odd_t);
    v[4] = hn::Sub(even_t, odd_t);
    v[5] = hn::Add(hn::NegMulAdd(middle, d[3], d[1]), d[5]);
  }
  template <class T>
  HWY_INLINE static void output(const Vector<T> (&m)[6], Vector<T> (&y)[4]) {
    const auto number = [](double x) HWY_ATTR { return hn::Set(hn::ScalableTag<T>(), static_cast<T>(x)); };
    const auto s = number(std::numbers::sqrt2 / 2), t = number(std::numbers::sqrt2), half = number(0.5),
               two = number(2);
    const auto even_s = hn::Add(m[1], m[2]), odd_s = hn::Mul(s, hn::Sub(m[1], m[2]));
    const auto even_t = hn::Add(m[3], m[4]), odd_t = hn::Mul(t, hn::Sub(m[3], m[4]));
    y[0] = hn::Add(m[0], hn::Add(even_s, even_t));
    y[1] = hn::Add(odd_s, odd_t);
    y[2] = hn::MulAdd(half, even_s, hn::Mul(two, even_t));
    y[3] = hn::Add(m[5], hn::MulAdd(half, odd_s, hn::Mul(two, odd_t)));
  }
};

template <class T, class Lines, int n>
void input(const T* const* pixels, std::int64_t channels, T* v, std::int64_t stride) {
  const hn::ScalableTag<T> tag;
  for (std::int64_t c = 0; c < channels;
       c += static_cast<std::int64_t>(hn::Lanes(tag)), v += hn::Lanes(tag)) {
    Vector<T> columns[n][n];  // transformed down each column, by column
    BACKLIGHT_UNROLL(int j = 0; j < n; ++j) {
      Vector<T> d[n];
      BACKLIGHT_UNROLL(int i = 0; i < n; ++i) d[i] = hn::LoadU(tag, pixels[i * n + j] + c);
      Lines::template input<T>(d, columns[j]);
    }
    BACKLIGHT_UNROLL(int i = 0; i < n; ++i) {
      Vector<T> d[n], row[n];
      BACKLIGHT_UNROLL(int j = 0; j < n; ++j) d[j] = columns[j][i];
      Lines::template input<T>(d, row);
      BACKLIGHT_UNROLL(int j = 0; j < n; ++j) hn::StoreU(row[j], tag, v + (i * n + j) * stride);
    }
  }
}

template <class T, class Lines, int m, int n>
void output(const T* sums, std::int64_t stride, std::int64_t channels, T* y, std::int64_t y_stride) {
  const hn::ScalableTag<T> tag;
  for (std::int64_t c = 0; c < channels; c += static_cast<std::int64_t>(hn::Lanes(tag))) {
    Vector<T> columns[n][m];
    BACKLIGHT_UNROLL(int j = 0; j < n; ++j) {
      Vector<T> d[n];
      BACKLIGHT_UNROLL(int i = 0; i < n; ++i) d[i] = hn::LoadU(tag, sums + (i * n + j) * stride + c);
      Lines::template output<T>(d, columns[j]);
    }
    BACKLIGHT_UNROLL(int i = 0; i < m; ++i) {
      Vector<T> d[n], row[m];
      BACKLIGHT_UNROLL(int j = 0; j < n; ++j) d[j] = columns[j][i];
      Lines::template output<T>(d, row);
      BACKLIGHT_UNROLL(int j = 0; j < m; ++j) hn::StoreU(row[j], tag, y + (i * m + j) * y_stride + c);
    }
  }
}

template <class T, class Lines, int m>
const WinogradTiles<T>* tiles() {
  static constexpr WinogradTiles<T> all = {static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>())),
                                           input<T, Lines, m + 2>, output<T, Lines, m, m + 2>};
  return &all;
}

}  // namespace

const WinogradTiles<float>* float_tiles_2() { return tiles<float, Lines2, 2>(); }
const WinogradTiles<float>* float_tiles_4() { return tiles<float, Lines4, 4>(); }
const WinogradTiles<double>* double_tiles_2() { return tiles<double, Lines2, 2>(); }
const WinogradTiles<double>* double_tiles_4() { return tiles<double, Lines4, 4>(); }

}  // namespace backlight::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backlight::cpu {

HWY_EXPORT(float_tiles_2);
HWY_EXPORT(float_tiles_4);
HWY_EXPORT(double_tiles_2);
HWY_EXPORT(double_tiles_4);

template <>
const WinogradTiles<float>& winograd_tiles<float, 2>() {
  return *HWY_DYNAMIC_DISPATCH(float_tiles_2)();
}
template <>
const WinogradTiles<float>& winograd_tiles<float, 4>() {
  return *HWY_DYNAMIC_DISPATCH(float_tiles_4)();
}
template <>
const WinogradTiles<double>& winograd_tiles<double, 2>() {
  return *HWY_DYNAMIC_DISPATCH(double_tiles_2)();
}
template <>
const WinogradTiles<double>& winograd_tiles<double, 4>() {
  return *HWY_DYNAMIC_DISPATCH(double_tiles_4)();
}

namespace {

using Line = std::array<double, 3>;
constexpr double s = std::numbers::sqrt2 / 2, t = std::numbers::sqrt2;

// Row j of G is (1, a, a²) of its point a, over the product of the differences to the other points.
template <int m>
constexpr std::array<Line, m + 2> filter_lines();
template <>
constexpr std::array<Line, 4> filter_lines<2>() {
  return {{{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};
}
template <>
constexpr std::array<Line, 6> filter_lines<4>() {
  return {{{1, 0, 0},
           {-1 / 1.5, -s / 1.5, -0.5 / 1.5},
           {-1 / 1.5, s / 1.5, -0.5 / 1.5},
           {1.0 / 6, t / 6, 2.0 / 6},
           {1.0 / 6, -t / 6, 2.0 / 6},
           {0, 0, 1}}};
}

}  // namespace

template <int m>
void transform_filters(const double (*g)[filters_together], double (*u)[filters_together]) {
  constexpr auto lines = filter_lines<m>();
  for (const Line& down : lines) {
    double row[3][filters_together];
    for (int j = 0; j < 3; ++j)
      for (int f = 0; f < filters_together; ++f)
        row[j][f] = down[0] * g[j][f] + down[1] * g[3 + j][f] + down[2] * g[6 + j][f];
    for (const Line& across : lines) {
      for (int f = 0; f < filters_together; ++f)
        (*u)[f] = row[0][f] * across[0] + row[1][f] * across[1] + row[2][f] * across[2];
      ++u;
    }
  }
}
template void transform_filters<2>(const double (*)[filters_together], double (*)[filters_together]);
template void transform_filters<4>(const double (*)[filters_together], double (*)[filters_together]);

}  // namespace backlight::cpu
#endif
