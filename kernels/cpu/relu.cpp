#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

/// body(sizes, row, first, count): channels of rows, cut for the threads. Rows of whole bytes of the mask lie
/// side by side, as one long row.
template <class Body>
void for_each_part(const ReluSizes& sizes, const Workers& workers, Body body) {
  constexpr std::int64_t block = 16384;  // elements: a multiple of 8
  const bool whole_bytes = sizes.channels % 8 == 0;
  const ReluSizes s = whole_bytes ? ReluSizes{1, sizes.count()} : sizes;
  const std::int64_t parts = (s.channels + block - 1) / block,
                     rows = std::max<std::int64_t>(1, block / s.channels);
  parallel_blocks(workers, s.rows * parts, whole_bytes ? 1 : rows, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t first = part % parts * block;
      body(s.channels, part / parts, first, std::min(block, s.channels - first));
    }
  });
}

/// A ReLU by itself is the epilogue of a sum that is x.
template <class T>
void rectify(const ReluSizes& s, const Epilogue<T>& epilogue, const T* x, T* y, const Workers& workers) {
  for_each_part(s, workers,
                [&](std::int64_t channels, std::int64_t row, std::int64_t first, std::int64_t count) {
                  finish(epilogue, channels, row, first, count, x + row * channels + first, y);
                });
}

template <class T>
void forward(const ReluSizes& s, const T* x, T* y, std::uint8_t* mask, const Workers& workers) {
  rectify<T>(s, {.relu = true, .mask = mask}, x, y, workers);
}

template <class T>
void replay(const ReluSizes& s, const T* x, const std::uint8_t* mask, T* y, const Workers& workers) {
  rectify<T>(s, {.relu = true, .held = mask}, x, y, workers);
}

/// dx = dy through the gate; where it adds, dx plus that.
template <class T>
void backward(const ReluSizes& s, ReluRule rule, const T* dy, const std::uint8_t* mask, T* dx, Write write,
              const Workers& workers) {
  const Gate gate{.gated = true, .rule = rule, .mask = mask};
  for_each_part(s, workers,
                [&](std::int64_t channels, std::int64_t row, std::int64_t first, std::int64_t count) {
                  const std::int64_t start = row * channels;
                  if (write == Write::set)
                    return finish(gate, channels, row, first, count, dy + start + first, dx);
                  T sent[512];
                  const std::int64_t strip = std::size(sent);
                  for (std::int64_t c = first; c < first + count; c += strip) {
                    const std::int64_t n = std::min(strip, first + count - c);
                    // Row 0 of what begins at this row, so that `sent` stands for its channels from c on.
                    Gate here = gate;
                    if (gate.reads_mask()) here.mask = mask + row * mask_row_bytes(channels) + c / 8;
                    finish(here, n, 0, 0, n, dy + start + c, sent);
                    for (std::int64_t j = 0; j < n; ++j) dx[start + c + j] += sent[j];
                  }
                });
}

}  // namespace

BACKLIGHT_TABLE(ReluForward, {{"vector", forward<T>}, {"ref", ref::relu_forward<T>}})
BACKLIGHT_TABLE(ReluReplay, {{"vector", replay<T>}, {"ref", ref::relu_replay<T>}})
BACKLIGHT_TABLE(ReluBackward, {{"vector", backward<T>}, {"ref", ref::relu_backward<T>}})

}  // namespace backlight::cpu
