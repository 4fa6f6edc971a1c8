#include "kernels/cpu/mask.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t block_elements = 16384;

/// body(first element, count, mask bytes before it) in strips. Where rows fill whole bytes, the rows of a
/// block are one.
template <class Body>
void for_each_strip(const ReluSizes& s, const Workers& workers, Body body) {
  if (s.count() == 0) return;
  const std::int64_t block = std::max<std::int64_t>(1, block_elements / s.channels);
  parallel_blocks(workers, s.rows, block, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t rows = s.channels % 8 == 0 ? end - begin : 1, length = rows * s.channels;
    for (std::int64_t row = begin; row < end; row += rows)
      for (std::int64_t i = 0; i < length; i += strip)
        body(row * s.channels + i, std::min(strip, length - i), row * mask_row_bytes(s.channels) + i / 8);
  });
}

template <class T>
void forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers& workers) {
  for_each_strip(s, workers, [&](std::int64_t i, std::int64_t n, std::int64_t byte) {
    std::uint8_t flags[strip];
    if (mask) {
      for (std::int64_t j = 0; j < n; ++j) flags[j] = x[i + j] > 0;
      pack_row(mask + byte, 0, n, flags);
    }
    for (std::int64_t j = 0; j < n; ++j) y[i + j] = x[i + j] <= 0 ? T(0) : x[i + j];
  });
}

/// to = from where keep(from, flag) says so, else 0; or += . A null mask means that `keep` does not look at
/// the flag.
template <class T, class Keep>
void select(const ReluSizes& s, const T* from, const std::uint8_t* mask, T* to, Write write,
            const Workers& workers, Keep keep) {
  for_each_strip(s, workers, [&](std::int64_t i, std::int64_t n, std::int64_t byte) {
    std::uint8_t flags[strip] = {};
    if (mask) unpack_row(mask + byte, 0, n, flags);
    const auto kept = [&](std::int64_t j) { return keep(from[i + j], flags[j]) ? from[i + j] : T(0); };
    if (write == Write::add)
      for (std::int64_t j = 0; j < n; ++j) to[i + j] += kept(j);
    else
      for (std::int64_t j = 0; j < n; ++j) to[i + j] = kept(j);
  });
}

template <class T>
void replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers& workers) {
  select(s, x, mask, y, Write::set, workers, [](T, std::uint8_t positive) { return positive != 0; });
}

template <class T>
void backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx, Write write,
              const Workers& workers) {
  switch (rule) {
    case ReluRule::gradient:
      return select(s, dy, mask, dx, write, workers, [](T, std::uint8_t positive) { return positive != 0; });
    case ReluRule::guided:
      return select(s, dy, mask, dx, write, workers,
                    [](T g, std::uint8_t positive) { return (positive != 0) & (g > 0); });
    case ReluRule::deconvnet:
      return select(s, dy, mask, dx, write, workers, [](T g, std::uint8_t) { return g > 0; });
  }
}

}  // namespace

BACKLIGHT_TABLE(ReluForward, {{"vector", forward<T>}, {"ref", ref::relu_forward<T>}})
BACKLIGHT_TABLE(ReluReplay, {{"vector", replay<T>}, {"ref", ref::relu_replay<T>}})
BACKLIGHT_TABLE(ReluBackward, {{"vector", backward<T>}, {"ref", ref::relu_backward<T>}})

}  // namespace backlight::cpu
