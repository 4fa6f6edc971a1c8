#pragma once

#include <cstdint>

namespace backlight::cpu {

/// So many channels at a time, at most, lie in arrays of their own.
constexpr std::int64_t pool_strip = 64;

/// What max pooling does with one pixel of a window, for `count` ≤ pool_strip channels.
template <class T>
struct PoolLoops {
  /// Where `value` is larger than `best`, or is NaN and `best` is not, it and its tap take its place.
  void (*compare)(const T* value, std::int64_t count, std::uint8_t tap, T* best, std::uint8_t* taps);
  /// sum += dy where this tap won.
  void (*route)(const T* dy, const std::uint8_t* winners, std::int64_t count, std::uint8_t tap, T* sum);
};

/// For the instruction set that this processor has.
template <class T>
const PoolLoops<T>& pool_loops();

}  // namespace backlight::cpu
