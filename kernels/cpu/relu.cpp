#include <cstring>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t block =
    16384;  // elements: a multiple of 8, so that no two tasks share a byte of the mask

/// Eight flags of one byte each (0 or 1) become eight bits: the product moves flag i to bit 56 + i.
std::uint8_t pack_flags(const std::uint8_t* flags) {
  std::uint64_t bytes;
  std::memcpy(&bytes, flags, sizeof bytes);
  return static_cast<std::uint8_t>(bytes * 0x0102040810204080u >> 56);
}

template <class T>
void forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    if (mask) {
      constexpr std::int64_t strip = 512;
      std::uint8_t flags[strip];
      for (std::int64_t i = begin; i < end; i += strip) {
        const std::int64_t n = std::min(strip, end - i);
        for (std::int64_t j = 0; j < n; ++j) flags[j] = x[i + j] > 0;
        for (std::int64_t j = n; j % 8; ++j) flags[j] = 0;
        for (std::int64_t j = 0; j < n; j += 8) mask[(i + j) / 8] = pack_flags(flags + j);
      }
    }
    for (std::int64_t i = begin; i < end; ++i) y[i] = x[i] <= 0 ? T(0) : x[i];
  });
}

/// keep(i, bit) says whether element i passes; it sees its bit of the mask.
template <class T, class Keep>
void select(const T* from, const std::uint8_t* mask, T* to, std::int64_t begin, std::int64_t end, Write write,
            Keep keep) {
  auto put = [&](std::int64_t i, unsigned bit) {
    const T value = keep(from[i], bit) ? from[i] : T(0);
    to[i] = write == Write::add ? to[i] + value : value;
  };
  std::int64_t i = begin;
  for (; i + 8 <= end; i += 8) {
    const unsigned bits = mask ? mask[i / 8] : 0u;
    for (unsigned j = 0; j < 8; ++j) put(i + j, bits >> j & 1u);
  }
  for (; i < end; ++i) put(i, mask ? mask[i / 8] >> i % 8 & 1u : 0u);
}

template <class T>
void replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    select(x, mask, y, begin, end, Write::set, [](T, unsigned bit) { return bit != 0; });
  });
}

template <class T>
void backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx, Write write,
              const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    switch (rule) {
      case ReluRule::gradient:
        return select(dy, mask, dx, begin, end, write, [](T, unsigned bit) { return bit != 0; });
      case ReluRule::guided:
        return select(dy, mask, dx, begin, end, write, [](T g, unsigned bit) { return bit != 0 && g > 0; });
      case ReluRule::deconvnet:
        return select(dy, mask, dx, begin, end, write, [](T g, unsigned) { return g > 0; });
    }
  });
}

}  // namespace

BACKLIGHT_CPU_TABLE(ReluForward, {{"vector", forward<T>}, {"ref", ref::relu_forward<T>}})
BACKLIGHT_CPU_TABLE(ReluReplay, {{"vector", replay<T>}, {"ref", ref::relu_replay<T>}})
BACKLIGHT_CPU_TABLE(ReluBackward, {{"vector", backward<T>}, {"ref", ref::relu_backward<T>}})

}  // namespace backlight::cpu
