#pragma once

#include <cstdint>

#include "kernels/cpu/conv_gather.h"
#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/parallel.h"

namespace backlight::cpu {

/// A convolution as matrix products: for every phase and group, target[pixels × width] = gathered[pixels ×
/// taps·depth] · packed[taps·depth × width]. It serves the forward (source x, target y) and the backward
/// (source dy, target dx).
struct ConvProduct {
  std::int64_t batch, groups;
  std::int64_t source_height, source_width, depth;  // depth: source channels of a group
  std::int64_t target_height, target_width, width;  // width: target channels of a group
  std::vector<Phase> phases;
  bool gathers;  // false: the source itself is the matrix (1×1, stride 1, no padding)

  static ConvProduct forward(const ConvSizes& s, bool gathers) {
    return {s.batch,      s.groups,    s.in_height,   s.in_width,        s.group_in(),
            s.out_height, s.out_width, s.group_out(), forward_phases(s), gathers};
  }
  static ConvProduct backward(const ConvSizes& s, bool gathers) {
    return {s.batch,     s.groups,   s.out_height, s.out_width,        s.group_out(),
            s.in_height, s.in_width, s.group_in(), backward_phases(s), gathers};
  }
};

/// How the pixels and the channels of a phase are cut. From the layer's sizes alone: never from the batch or
/// from the number of threads, so that neither changes a bit.
struct ConvTiling {
  std::int64_t pixels, channels, groups;  // of one tile: all groups where these share bytes of a mask
  std::int64_t pixel_tiles, channel_tiles, group_tiles;
  std::int64_t tiles() const { return pixel_tiles * channel_tiles * group_tiles; }
};

inline ConvTiling conv_tiling(const ConvProduct& c, const Phase& phase) {
  const std::int64_t row = std::max<std::int64_t>(1, static_cast<std::int64_t>(phase.taps.size()) * c.depth);
  const std::int64_t most =
      c.gathers ? std::clamp<std::int64_t>((std::int64_t{192} << 10) / row, 64, 512) : 512;
  ConvTiling t{};
  t.pixel_tiles = std::max<std::int64_t>(1, (phase.pixels() + most - 1) / most);
  t.pixels = (phase.pixels() + t.pixel_tiles - 1) / t.pixel_tiles;
  t.groups = c.width % 8 == 0 ? 1 : c.groups;
  t.group_tiles = c.groups / t.groups;
  // Few pixels, many channels (the last stage of a ResNet): cut the channels too, so that there is work for
  // all threads.
  const std::int64_t wanted = (8 + t.pixel_tiles * t.group_tiles - 1) / (t.pixel_tiles * t.group_tiles);
  t.channel_tiles = t.groups > 1 ? 1 : std::clamp<std::int64_t>(std::min(wanted, c.width / 128), 1, 16);
  t.channels = (c.width + t.channel_tiles - 1) / t.channel_tiles;
  if (t.channel_tiles > 1) t.channels = (t.channels + 7) / 8 * 8;
  return t;
}

/// Bytes that one worker needs: the gathered tile and the tile of sums.
template <class T>
std::size_t conv_scratch(const ConvProduct& c) {
  std::int64_t most = 0;
  for (const Phase& phase : c.phases) {
    const ConvTiling t = conv_tiling(c, phase);
    const std::int64_t gathered =
        c.gathers ? t.pixels * static_cast<std::int64_t>(phase.taps.size()) * c.depth : 0;
    most = std::max(most, gathered + t.pixels * t.groups * t.channels);
  }
  return static_cast<std::size_t>(most) * sizeof(T);
}

/// weight(group, tap, d, w) is the element for source channel d and target channel w of the group.
template <class T, class Weight>
void pack_conv_weights(const ConvProduct& c, Weight weight, T* packed, const Workers& workers) {
  for (const Phase& phase : c.phases) {
    const std::int64_t taps = static_cast<std::int64_t>(phase.taps.size()), size = c.depth * c.width;
    parallel_for(workers, c.groups * taps, [&](std::int64_t index, int) {
      T* to = packed + index * size;
      for (std::int64_t d = 0; d < c.depth; ++d)
        for (std::int64_t w = 0; w < c.width; ++w)
          *to++ = weight(index / taps, phase.taps[static_cast<std::size_t>(index % taps)], d, w);
    });
    packed += c.groups * taps * size;
  }
}

/// One tile: grid points [begin, end) of image n, channels [first, first + count) of the groups from g on.
/// `finish` is the epilogue or the gate.
template <class T, class Finish>
void conv_tile(const ConvProduct& c, const Phase& phase, const T* source, const T* packed, const Finish& rule,
               T* target, std::int64_t n, std::int64_t g, std::int64_t groups, std::int64_t begin,
               std::int64_t end, std::int64_t first, std::int64_t count, T* scratch) {
  const std::int64_t source_stride = c.groups * c.depth, channels = c.groups * c.width;
  const std::int64_t row = static_cast<std::int64_t>(phase.taps.size()) * c.depth, pixels = end - begin;
  source += n * c.source_height * c.source_width * source_stride;

  T *const sums = scratch, *const gathered = scratch + pixels * groups * count;
  for (std::int64_t i = 0; i < groups; ++i) {
    const T* left = source + begin * source_stride + (g + i) * c.depth;
    std::int64_t left_stride = source_stride;
    if (c.gathers) {
      gather(Channels<const T>{source + (g + i) * c.depth, c.source_height, c.source_width, source_stride,
                               c.depth},
             phase, phase.taps, begin, end, gathered);
      left = gathered;
      left_stride = row;
    }
    auto result = matrix(sums + i * count, pixels, count, groups * count);
    result.setZero();
    if (row > 0)
      result.noalias() += matrix(left, pixels, row, left_stride) *
                          matrix(packed + (g + i) * row * c.width + first, row, count, c.width);
  }
  for (std::int64_t p = begin; p < end; ++p) {
    const std::int64_t y = phase.first_y + p / phase.columns * phase.stride_y;
    const std::int64_t x = phase.first_x + p % phase.columns * phase.stride_x;
    finish(rule, channels, (n * c.target_height + y) * c.target_width + x, g * c.width + first,
           groups * count, sums + (p - begin) * groups * count, target);
  }
}

template <class T, class Finish>
void conv_product(const ConvProduct& c, const T* source, const T* packed, const Finish& rule, T* target,
                  const Workers& workers) {
  for (const Phase& phase : c.phases) {
    const ConvTiling t = conv_tiling(c, phase);
    parallel_for(workers, c.batch * t.tiles(), [&](std::int64_t index, int worker) {
      const std::int64_t channel_tile = index % t.channel_tiles,
                         g = index / t.channel_tiles % t.group_tiles * t.groups;
      const std::int64_t tile = index / t.channel_tiles / t.group_tiles % t.pixel_tiles;
      const std::int64_t n = index / t.tiles();
      const std::int64_t begin = tile * t.pixels, end = std::min(phase.pixels(), begin + t.pixels);
      const std::int64_t first = channel_tile * t.channels, count = std::min(t.channels, c.width - first);
      if (begin < end && count > 0)
        conv_tile(c, phase, source, packed, rule, target, n, g, t.groups, begin, end, first, count,
                  workers.slice<T>(worker));
    });
    packed += c.groups * static_cast<std::int64_t>(phase.taps.size()) * c.depth * c.width;
  }
}

}  // namespace backlight::cpu
