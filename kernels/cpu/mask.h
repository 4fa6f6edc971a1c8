#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace backlight::cpu {

/// Signs are worked on as flags, a byte each, since bytes make vector code: so many at a time.
constexpr std::int64_t strip = 512;

/// Eight flags (0 or 1) become eight bits: the product moves flag i to bit 56 + i.
inline std::uint8_t pack_flags(const std::uint8_t* flags) {
  std::uint64_t bytes;
  std::memcpy(&bytes, flags, sizeof bytes);
  return static_cast<std::uint8_t>(bytes * 0x0102040810204080u >> 56);
}

/// Eight bits become eight flags (0 or not): copy the bits into each byte, and keep bit i of byte i.
inline void unpack_flags(std::uint8_t bits, std::uint8_t* flags) {
  const std::uint64_t bytes = bits * 0x0101010101010101u & 0x8040201008040201u;
  std::memcpy(flags, &bytes, sizeof bytes);
}

/// The flags of `count` channels from `first` on; `flags` has room for 7 more on either side of a multiple of
/// 8. The result is the flag of `first`.
inline const std::uint8_t* unpack_row(const std::uint8_t* row, std::int64_t first, std::int64_t count,
                                      std::uint8_t* flags) {
  for (std::int64_t b = first / 8; b * 8 < first + count; ++b)
    unpack_flags(row[b], flags + (b - first / 8) * 8);
  return flags + first % 8;
}

/// Writes the bits of `count` channels from `first` on. A byte that is begun before `first` is added to: who
/// writes a row in pieces that share bytes does so from the left, alone.
inline void pack_row(std::uint8_t* row, std::int64_t first, std::int64_t count, std::uint8_t* flags) {
  for (std::int64_t c = 0; c < count;) {
    const std::int64_t bit = (first + c) % 8, n = std::min<std::int64_t>(8 - bit, count - c);
    std::uint8_t& byte = row[(first + c) / 8];
    if (bit == 0 && n == 8) {
      byte = pack_flags(flags + c);
    } else {
      if (bit == 0) byte = 0;
      for (std::int64_t i = 0; i < n; ++i)
        byte = static_cast<std::uint8_t>(byte | (flags[c + i] != 0) << (bit + i));
    }
    c += n;
  }
}

}  // namespace backlight::cpu
