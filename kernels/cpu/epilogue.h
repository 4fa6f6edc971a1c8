#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/ref/epilogue.h"

namespace backlight::cpu {

/// Eight flags of one byte each (0 or 1) become eight bits: the product moves flag i to bit 56 + i.
inline std::uint8_t pack_flags(const std::uint8_t* flags) {
  std::uint64_t bytes;
  std::memcpy(&bytes, flags, sizeof bytes);
  return static_cast<std::uint8_t>(bytes * 0x0102040810204080u >> 56);
}

/// Eight bits become eight flags of one byte each (0 or not): copy the bits into each byte, and keep bit i of
/// byte i.
inline void unpack_flags(std::uint8_t bits, std::uint8_t* flags) {
  const std::uint64_t bytes = bits * 0x0101010101010101u & 0x8040201008040201u;
  std::memcpy(flags, &bytes, sizeof bytes);
}

/// Channels whose flags, a byte each, are in use at a time: bytes make vector code.
constexpr std::int64_t finish_strip = 64;
/// So few channels are done sooner one by one.
constexpr std::int64_t few_channels = 4;

/// What kernels/epilogue.h says, for the channels [first, first + count) of one row: from their finished sums
/// to y and whole bytes of the mask. `first` is a multiple of 8, and so is `count` unless it ends the row.
template <class T>
void finish(const Epilogue<T>& epilogue, std::int64_t channels, std::int64_t row, std::int64_t first,
            std::int64_t count, const T* sums, T* y) {
  if (count <= few_channels) {
    for (std::int64_t j = 0; j < count; ++j) ref::finish(epilogue, channels, row, first + j, sums[j], y);
    return;
  }
  const std::int64_t start = row * channels, mask_start = row * mask_row_bytes(channels);
  const T *bias = epilogue.bias, *residual = epilogue.residual;
  T value[finish_strip];
  std::uint8_t positive[finish_strip];
  for (std::int64_t c = first; c < first + count; c += finish_strip, sums += finish_strip) {
    const std::int64_t n = std::min(finish_strip, first + count - c);
    T* out = y + start + c;
    for (std::int64_t j = 0; j < n; ++j) value[j] = sums[j];
    if (bias)
      for (std::int64_t j = 0; j < n; ++j) value[j] += bias[c + j];
    if (residual)
      for (std::int64_t j = 0; j < n; ++j) value[j] += residual[start + c + j];
    if (!epilogue.relu) {
      std::copy_n(value, n, out);
      continue;
    }
    if (epilogue.held) {
      const std::uint8_t* held = epilogue.held + mask_start + c / 8;
      for (std::int64_t j = 0; j < n; j += 8) unpack_flags(held[j / 8], positive + j);
      for (std::int64_t j = 0; j < n; ++j) out[j] = positive[j] ? value[j] : T(0);
      if (epilogue.mask) std::copy_n(held, mask_row_bytes(n), epilogue.mask + mask_start + c / 8);
      continue;
    }
    if (epilogue.mask) {
      for (std::int64_t j = 0; j < n; ++j) positive[j] = value[j] > 0;
      for (std::int64_t j = n; j % 8; ++j) positive[j] = 0;
      for (std::int64_t j = 0; j < n; j += 8)
        epilogue.mask[mask_start + (c + j) / 8] = pack_flags(positive + j);
    }
    for (std::int64_t j = 0; j < n; ++j) out[j] = value[j] <= 0 ? T(0) : value[j];
  }
}

/// The same for a gate: from the finished sums to dx.
template <class T>
void finish(const Gate& gate, std::int64_t channels, std::int64_t row, std::int64_t first, std::int64_t count,
            const T* sums, T* dx) {
  if (count <= few_channels) {
    for (std::int64_t j = 0; j < count; ++j) ref::finish(gate, channels, row, first + j, sums[j], dx);
    return;
  }
  const std::uint8_t* mask = gate.reads_mask() ? gate.mask + row * mask_row_bytes(channels) : nullptr;
  T value[finish_strip];
  std::uint8_t positive[finish_strip];
  for (std::int64_t c = first; c < first + count; c += finish_strip, sums += finish_strip) {
    const std::int64_t n = std::min(finish_strip, first + count - c);
    T* out = dx + row * channels + c;
    if (gate.write == Write::add)
      for (std::int64_t j = 0; j < n; ++j) value[j] = out[j] + sums[j];
    else
      for (std::int64_t j = 0; j < n; ++j) value[j] = sums[j];
    if (mask)
      for (std::int64_t j = 0; j < n; j += 8) unpack_flags(mask[(c + j) / 8], positive + j);
    if (mask)
      for (std::int64_t j = 0; j < n; ++j) value[j] = positive[j] ? value[j] : T(0);
    if (gate.gated && gate.rule != ReluRule::gradient)
      for (std::int64_t j = 0; j < n; ++j) value[j] = value[j] > 0 ? value[j] : T(0);
    std::copy_n(value, n, out);
  }
}

}  // namespace backlight::cpu
