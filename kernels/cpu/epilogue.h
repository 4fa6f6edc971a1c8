#pragma once

#include "kernels/cpu/mask.h"
#include "kernels/epilogue.h"

namespace backlight::cpu {

/// Channels [first, first + count) of one row of the output, of which `channels` are a row: y from the
/// finished sums, which may already lie in y. Pieces of a row that share a byte of the mask are finished from
/// the left, by one thread.
template <class T>
void finish_row(const Epilogue<T>& e, const T* sums, T* y, std::int64_t row, std::int64_t channels,
                std::int64_t first, std::int64_t count) {
  const std::int64_t bytes = mask_row_bytes(channels);
  for (std::int64_t begin = 0; begin < count; begin += strip) {
    const std::int64_t n = std::min(strip, count - begin), channel = first + begin;
    const std::int64_t element = row * channels + channel;
    const T* from = sums + begin;
    T* to = y + element;
    if (!e.bias && !e.residual && !e.relu) {
      if (from != to) std::copy_n(from, n, to);
      continue;
    }
    for (std::int64_t i = 0; i < n; ++i) to[i] = e.value(from[i], element + i, channel + i);
    if (!e.relu) continue;
    std::uint8_t flags[strip + 8];
    if (e.held) {
      const std::uint8_t* held = unpack_row(e.held + row * bytes, channel, n, flags);
      for (std::int64_t i = 0; i < n; ++i) to[i] = e.result(to[i], held[i] != 0);
      continue;
    }
    if (e.mask) {
      for (std::int64_t i = 0; i < n; ++i) flags[i] = to[i] > 0;
      pack_row(e.mask + row * bytes, channel, n, flags);
    }
    for (std::int64_t i = 0; i < n; ++i) to[i] = e.result(to[i], false);
  }
}

/// The same for a gradient: dx from the finished sums and what dx held.
template <class T>
void finish_row(const Gate& gate, const T* sums, T* dx, std::int64_t row, std::int64_t channels,
                std::int64_t first, std::int64_t count) {
  for (std::int64_t begin = 0; begin < count; begin += strip) {
    const std::int64_t n = std::min(strip, count - begin), channel = first + begin;
    const T* from = sums + begin;
    T* to = dx + row * channels + channel;
    if (!gate.gated && gate.write == Write::set) {
      if (from != to) std::copy_n(from, n, to);
      continue;
    }
    std::uint8_t all[strip + 8] = {};
    const std::uint8_t* flags = all;
    if (gate.reads_mask()) flags = unpack_row(gate.mask + row * mask_row_bytes(channels), channel, n, all);
    if (gate.write == Write::add)
      for (std::int64_t i = 0; i < n; ++i) to[i] = gate.result(from[i], to[i], flags[i] != 0);
    else
      for (std::int64_t i = 0; i < n; ++i) to[i] = gate.result(from[i], T(0), flags[i] != 0);
  }
}

}  // namespace backlight::cpu
