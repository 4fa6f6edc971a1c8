#include "kernels/cpu/conv_gather.h"
#include "kernels/cpu/micro_kernels.h"
#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

/// dw as matrix products: for some taps and channels, dw[rows × outputs] = Σ over images and pixel tiles of
/// gatheredᵀ[rows × pixels] · dy[pixels × outputs]. Both are copied to where the micro-kernel reads them: the
/// gathered pixels turned, dy block after block of outputs. Where that makes few tasks the batch is cut too,
/// into shares whose sums are added in order: from the sizes alone, so that the bits do not depend on the
/// number of threads.
struct WeightTasks {
  static constexpr std::int64_t tile_pixels = 256, enough_tasks = 16;

  WeightTasks(const ConvSizes& sizes, std::int64_t lanes)
      : s(sizes),
        channels(std::min<std::int64_t>(s.group_in(), 128)),
        taps(channels < s.group_in() ? 1 : std::min(s.taps(), std::max<std::int64_t>(1, 128 / channels))),
        tap_tasks((s.taps() + taps - 1) / taps),
        channel_tasks((s.group_in() + channels - 1) / channels),
        shares(std::clamp<std::int64_t>(enough_tasks / (s.groups * tap_tasks * channel_tasks), 1, s.batch)),
        outputs((s.group_out() + lanes - 1) / lanes * lanes),
        phase(forward_phases(s)[0]) {}

  ConvSizes s;
  std::int64_t channels, taps;  // of one task, at most
  std::int64_t tap_tasks, channel_tasks, shares;
  std::int64_t outputs;  // of a group, filled up to whole vectors
  Phase phase;

  std::int64_t count() const { return s.groups * tap_tasks * channel_tasks; }
  /// Elements of the sums of one task and share.
  std::int64_t size() const { return taps * channels * outputs; }
  /// Of the scratch: gathered pixels, the same turned, and dy.
  std::int64_t scratch() const { return (2 * taps * channels + outputs) * tile_pixels; }

  /// What one task sums: a group, and in it some taps and some channels.
  struct Part {
    std::int64_t group, first_tap, taps, first_channel, channels;
    std::int64_t rows() const { return taps * channels; }
  };
  Part part(std::int64_t task) const {
    const std::int64_t tap = task / channel_tasks % tap_tasks * taps,
                       channel = task % channel_tasks * channels;
    return {task / channel_tasks / tap_tasks, tap, std::min(taps, s.taps() - tap), channel,
            std::min(channels, s.group_in() - channel)};
  }
};

/// turned[row][pixel] = tile[pixel][row], in squares that the cache holds.
template <class T>
void turn(const T* tile, std::int64_t pixels, std::int64_t rows, T* turned) {
  constexpr std::int64_t square = 16;
  for (std::int64_t p = 0; p < pixels; p += square)
    for (std::int64_t r = 0; r < rows; r += square)
      for (std::int64_t i = r; i < std::min(r + square, rows); ++i)
        for (std::int64_t j = p; j < std::min(p + square, pixels); ++j)
          turned[i * WeightTasks::tile_pixels + j] = tile[j * rows + i];
}

/// sums[rows × outputs] += turned[rows × pixels] · dy[pixels × outputs], a block of outputs at a time.
/// `packed` is scratch.
template <class T>
void add_product(const WeightTasks& k, std::int64_t rows, std::int64_t pixels, const T* turned, const T* dy,
                 T* packed, T* sums) {
  const MicroKernels<T>& kernels = micro_kernels<T>();
  const Run run{0, pixels};
  for (std::int64_t first = 0; first < k.outputs; first += kernels.vectors * kernels.lanes) {
    const std::int64_t width = std::min(kernels.vectors * kernels.lanes, k.outputs - first),
                       there = std::min(width, k.s.group_out() - first);
    for (std::int64_t p = 0; p < pixels; ++p)
      std::fill_n(std::copy_n(dy + p * k.s.out_channels + first, there, packed + p * width), width - there,
                  T(0));
    for (std::int64_t r = 0; r < rows; r += kernels.rows) {
      const T* read[16];
      const std::int64_t count = std::min(kernels.rows, rows - r);
      for (std::int64_t i = 0; i < count; ++i) read[i] = turned + (r + i) * WeightTasks::tile_pixels;
      kernels.multiply({read, count, sums + r * k.outputs + first, k.outputs}, {&run, 1}, packed, width,
                       width / kernels.lanes, true);
    }
  }
}

/// The sums of one part over the images of one share; `tile` is scratch.
template <class T>
void sum_share(const WeightTasks& k, const WeightTasks::Part& part, std::int64_t share, const T* x,
               const T* dy, T* sums, T* tile) {
  const ConvSizes& s = k.s;
  const auto taps =
      std::span(k.phase.taps)
          .subspan(static_cast<std::size_t>(part.first_tap), static_cast<std::size_t>(part.taps));
  std::fill_n(sums, part.rows() * k.outputs, T(0));
  T* const turned = tile + k.taps * k.channels * WeightTasks::tile_pixels;
  T* const packed = turned + k.taps * k.channels * WeightTasks::tile_pixels;
  for (std::int64_t n = s.batch * share / k.shares; n < s.batch * (share + 1) / k.shares; ++n) {
    const T* image =
        x + n * s.in_height * s.in_width * s.in_channels + part.group * s.group_in() + part.first_channel;
    const T* gradient = dy + n * k.phase.pixels() * s.out_channels + part.group * s.group_out();
    for (std::int64_t begin = 0; begin < k.phase.pixels(); begin += WeightTasks::tile_pixels) {
      const std::int64_t end = std::min(k.phase.pixels(), begin + WeightTasks::tile_pixels);
      gather(Channels<const T>{image, s.in_height, s.in_width, s.in_channels, part.channels}, k.phase, taps,
             begin, end, tile);
      turn(tile, end - begin, part.rows(), turned);
      add_product(k, part.rows(), end - begin, turned, gradient + begin * s.out_channels, packed, sums);
    }
  }
}

/// Adds the shares of one part in order, and writes them where the weights lie.
template <class T>
void write_part(const WeightTasks& k, const WeightTasks::Part& part, T* sums, T* dw, Write write) {
  const ConvSizes& s = k.s;
  for (std::int64_t share = 1; share < k.shares; ++share)
    for (std::int64_t i = 0; i < part.rows() * k.outputs; ++i) sums[i] += sums[share * k.size() + i];
  for (std::int64_t r = 0; r < part.rows(); ++r)
    for (std::int64_t o = 0; o < s.group_out(); ++o) {
      const std::int64_t channel = part.first_channel + r % part.channels,
                         tap = part.first_tap + r / part.channels;
      T& w = dw[((part.group * s.group_out() + o) * s.group_in() + channel) * s.taps() + tap];
      const T value = sums[r * k.outputs + o];
      w = write == Write::add ? w + value : value;
    }
}

template <class T>
Bound<ConvBackwardWeights<T>> bind_backward_weights(const ConvSizes& sizes, const Machine&) {
  const WeightTasks k(sizes, micro_kernels<T>().lanes);
  return {.run =
              [k](const T* x, const T* dy, T* dw, T* dbias, Write write, const Workers& workers) {
                T* sums = reinterpret_cast<T*>(workers.shared);
                parallel_for(workers, k.count() * k.shares, [&](std::int64_t index, int worker) {
                  sum_share(k, k.part(index / k.shares), index % k.shares, x, dy, sums + index * k.size(),
                            workers.slice<T>(worker));
                });
                parallel_for(workers, k.count(), [&](std::int64_t task, int) {
                  write_part(k, k.part(task), sums + task * k.shares * k.size(), dw, write);
                });
                if (!dbias) return;
                if (write == Write::set) std::fill_n(dbias, k.s.out_channels, T(0));
                for (std::int64_t r = 0; r < k.s.batch * k.phase.pixels(); ++r)
                  for (std::int64_t o = 0; o < k.s.out_channels; ++o)
                    dbias[o] += dy[r * k.s.out_channels + o];
              },
          .scratch = static_cast<std::size_t>(k.scratch()) * sizeof(T),
          .shared = static_cast<std::size_t>(k.count() * k.shares * k.size()) * sizeof(T)};
}

}  // namespace

BACKLIGHT_TABLE(ConvBackwardWeights,
                {{"im2col", bind_backward_weights<T>}, {"ref", ref::conv_backward_weights<T>}})

}  // namespace backlight::cpu
