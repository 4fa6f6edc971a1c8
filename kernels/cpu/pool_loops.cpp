// Plain loops, which the compiler turns into vectors of each instruction set.
#include "kernels/cpu/pool_loops.h"

#include <cstring>

#include "kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/pool_loops.cpp"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace backlight::cpu::HWY_NAMESPACE {
namespace {

// Whole strips, of a length that the compiler knows: nothing that is read may be beyond the channels, so what
// is shorter goes through a copy.
template <class T>
HWY_INLINE void compare_strip(const T* __restrict value, std::uint8_t tap, T* __restrict best,
                              std::uint8_t* __restrict taps) {
  for (int k = 0; k < pool_strip; ++k) {
    const bool wins = value[k] > best[k] || (value[k] != value[k] && best[k] == best[k]);
    best[k] = wins ? value[k] : best[k];
    taps[k] = wins ? tap : taps[k];
  }
}
template <class T>
void compare(const T* value, std::int64_t count, std::uint8_t tap, T* best, std::uint8_t* taps) {
  if (count == pool_strip) return compare_strip(value, tap, best, taps);
  T copy[pool_strip] = {};
  std::memcpy(copy, value, static_cast<std::size_t>(count) * sizeof(T));
  compare_strip(copy, tap, best, taps);
}

template <class T>
HWY_INLINE void route_strip(const T* __restrict dy, const std::uint8_t* __restrict winners, std::uint8_t tap,
                            T* __restrict sum) {
  for (int k = 0; k < pool_strip; ++k) {
    const T gradient = dy[k];
    sum[k] += winners[k] == tap ? gradient : T(0);
  }
}
template <class T>
void route(const T* dy, const std::uint8_t* winners, std::int64_t count, std::uint8_t tap, T* sum) {
  if (count == pool_strip) return route_strip(dy, winners, tap, sum);
  T copy[pool_strip] = {};
  std::uint8_t won[pool_strip] = {};
  std::memcpy(copy, dy, static_cast<std::size_t>(count) * sizeof(T));
  std::memcpy(won, winners, static_cast<std::size_t>(count));
  route_strip(copy, won, tap, sum);
}

template <class T>
const PoolLoops<T>* loops() {
  static constexpr PoolLoops<T> all = {compare<T>, route<T>};
  return &all;
}

}  // namespace

const PoolLoops<float>* float_pool_loops() { return loops<float>(); }
const PoolLoops<double>* double_pool_loops() { return loops<double>(); }

}  // namespace backlight::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backlight::cpu {

HWY_EXPORT(float_pool_loops);
HWY_EXPORT(double_pool_loops);

template <>
const PoolLoops<float>& pool_loops<float>() {
  return *HWY_DYNAMIC_DISPATCH(float_pool_loops)();
}
template <>
const PoolLoops<double>& pool_loops<double>() {
  return *HWY_DYNAMIC_DISPATCH(double_pool_loops)();
}

}  // namespace backlight::cpu
#endif
