#include <cstring>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t block =
    16384;  // elements: a multiple of 8, so that no two tasks share a byte of the mask
constexpr std::int64_t strip =
    512;  // elements whose flags, a byte each, are in use at a time: bytes make vector code

/// Eight flags of one byte each (0 or 1) become eight bits: the product moves flag i to bit 56 + i.
std::uint8_t pack_flags(const std::uint8_t* flags) {
  std::uint64_t bytes;
  std::memcpy(&bytes, flags, sizeof bytes);
  return static_cast<std::uint8_t>(bytes * 0x0102040810204080u >> 56);
}

/// Eight bits become eight flags of one byte each (0 or not): copy the bits into each byte, and keep bit i of
/// byte i.
void unpack_flags(std::uint8_t bits, std::uint8_t* flags) {
  const std::uint64_t bytes = bits * 0x0101010101010101u & 0x8040201008040201u;
  std::memcpy(flags, &bytes, sizeof bytes);
}

template <class T>
void forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    std::uint8_t flags[strip];
    for (std::int64_t i = begin; mask && i < end; i += strip) {
      const std::int64_t n = std::min(strip, end - i);
      for (std::int64_t j = 0; j < n; ++j) flags[j] = x[i + j] > 0;
      for (std::int64_t j = n; j % 8; ++j) flags[j] = 0;
      for (std::int64_t j = 0; j < n; j += 8) mask[(i + j) / 8] = pack_flags(flags + j);
    }
    for (std::int64_t i = begin; i < end; ++i) y[i] = x[i] <= 0 ? T(0) : x[i];
  });
}

/// to = from where keep(from, flag) says so, else 0; or += . A null mask means that `keep` does not look at
/// the flag.
template <class T, class Keep>
void select(const T* from, const std::uint8_t* mask, T* to, std::int64_t begin, std::int64_t end, Write write,
            Keep keep) {
  std::uint8_t flags[strip] = {};
  for (std::int64_t i = begin; i < end; i += strip) {
    const std::int64_t n = std::min(strip, end - i);
    if (mask)
      for (std::int64_t j = 0; j < n; j += 8) unpack_flags(mask[(i + j) / 8], flags + j);
    const auto kept = [&](std::int64_t j) { return keep(from[i + j], flags[j]) ? from[i + j] : T(0); };
    if (write == Write::add)
      for (std::int64_t j = 0; j < n; ++j) to[i + j] += kept(j);
    else
      for (std::int64_t j = 0; j < n; ++j) to[i + j] = kept(j);
  }
}

template <class T>
void replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    select(x, mask, y, begin, end, Write::set, [](T, std::uint8_t positive) { return positive != 0; });
  });
}

template <class T>
void backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx, Write write,
              const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    switch (rule) {
      case ReluRule::gradient:
        return select(dy, mask, dx, begin, end, write,
                      [](T, std::uint8_t positive) { return positive != 0; });
      case ReluRule::guided:
        return select(dy, mask, dx, begin, end, write,
                      [](T g, std::uint8_t positive) { return (positive != 0) & (g > 0); });
      case ReluRule::deconvnet:
        return select(dy, mask, dx, begin, end, write, [](T g, std::uint8_t) { return g > 0; });
    }
  });
}

}  // namespace

BACKLIGHT_CPU_TABLE(ReluForward, {{"vector", forward<T>}, {"ref", ref::relu_forward<T>}})
BACKLIGHT_CPU_TABLE(ReluReplay, {{"vector", replay<T>}, {"ref", ref::relu_replay<T>}})
BACKLIGHT_CPU_TABLE(ReluBackward, {{"vector", backward<T>}, {"ref", ref::relu_backward<T>}})

}  // namespace backlight::cpu
