#pragma once

#include <cstdint>

#include "kernels/ref/epilogue.h"

namespace backlight::cpu {

/// What kernels/epilogue.h says, for the channels [first, first + count) of one row: from their finished sums
/// to what is written, and whole bytes of the mask. `first` is a multiple of 8, and so is `count` unless it
/// ends the row.
template <class T>
struct FinishLoops {
  void (*epilogue)(const Epilogue<T>&, std::int64_t channels, std::int64_t row, std::int64_t first,
                   std::int64_t count, const T* sums, T* y);
  void (*gate)(const Gate&, std::int64_t channels, std::int64_t row, std::int64_t first, std::int64_t count,
               const T* sums, T* dx);
};

/// For the instruction set that this processor has.
template <class T>
const FinishLoops<T>& finish_loops();

/// So few channels are done sooner one by one.
constexpr std::int64_t few_channels = 4;

template <class T>
void finish(const Epilogue<T>& epilogue, std::int64_t channels, std::int64_t row, std::int64_t first,
            std::int64_t count, const T* sums, T* y) {
  if (count > few_channels) return finish_loops<T>().epilogue(epilogue, channels, row, first, count, sums, y);
  for (std::int64_t j = 0; j < count; ++j) ref::finish(epilogue, channels, row, first + j, sums[j], y);
}

template <class T>
void finish(const Gate& gate, std::int64_t channels, std::int64_t row, std::int64_t first, std::int64_t count,
            const T* sums, T* dx) {
  if (count > few_channels) return finish_loops<T>().gate(gate, channels, row, first, count, sums, dx);
  for (std::int64_t j = 0; j < count; ++j) ref::finish(gate, channels, row, first + j, sums[j], dx);
}

}  // namespace backlight::cpu
