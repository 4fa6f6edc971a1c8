#pragma once

// The shapes that the kernel tests sweep over.

#include <vector>

#include "kernels/conv.h"
#include "kernels/linear.h"
#include "kernels/pool.h"
#include "kernels/relu.h"
#include "kernels/shortcut.h"

namespace backlight::sweep {

/// Convolution with the same numbers in y and x; the output is what fits.
struct Square {
  std::int64_t batch, height, width, in, out, kernel, stride = 1, pad = 0, dilation = 1, groups = 1;
};

inline ConvSizes conv(const Square& q) {
  ConvSizes s;
  s.batch = q.batch, s.in_height = q.height, s.in_width = q.width, s.in_channels = q.in,
  s.out_channels = q.out;
  s.kernel_height = s.kernel_width = q.kernel, s.stride_y = s.stride_x = q.stride,
  s.pad_top = s.pad_left = q.pad;
  s.dilation_y = s.dilation_x = q.dilation, s.groups = q.groups;
  const auto fit = [&](std::int64_t n) {
    return (n + 2 * q.pad - q.dilation * (q.kernel - 1) - 1) / q.stride + 1;
  };
  s.out_height = fit(q.height), s.out_width = fit(q.width);
  return s;
}

inline std::vector<ConvSizes> conv_shapes() {
  std::vector<ConvSizes> shapes = {
      conv({1, 1, 1, 1, 1, 1}),
      conv({3, 1, 1, 5, 7, 1}),                 // 1×1 images
      conv({1, 1, 1, 3, 2, 3, 1, 1}),           // a kernel larger than the image
      conv({2, 5, 7, 3, 4, 1}),                 // pointwise, odd
      conv({1, 9, 8, 17, 65, 1}),               // one more than a tile
      conv({1, 8, 8, 64, 64, 1}),               // tiles that fit
      conv({2, 7, 5, 3, 5, 1, 2}),              // pointwise with stride
      conv({2, 7, 5, 3, 4, 3, 1, 1}),           // the usual 3×3
      conv({1, 7, 7, 16, 33, 3, 2, 1}),         // stride 2, odd input
      conv({2, 8, 6, 5, 6, 3, 2, 1}),           // stride 2, even input: the last column is not read
      conv({1, 11, 13, 3, 8, 7, 2, 3}),         // the first layer of a ResNet
      conv({1, 4, 5, 2, 3, 3, 1, 4}),           // more padding than the kernel can use
      conv({1, 3, 3, 2, 2, 1, 2, 2}),           // outputs that see padding alone
      conv({1, 9, 9, 3, 4, 3, 1, 2, 2}),        // dilation
      conv({1, 10, 9, 4, 4, 3, 2, 2, 3}),       // dilation and stride
      conv({2, 6, 5, 6, 9, 3, 1, 1, 1, 3}),     // groups
      conv({1, 4, 4, 4, 16, 3, 1, 1, 1, 2}),    // groups of as many channels as a byte of a mask has bits
      conv({1, 7, 6, 8, 8, 3, 2, 1, 1, 8}),     // depthwise
      conv({2, 5, 5, 4, 8, 1, 1, 0, 1, 2}),     // pointwise in groups
      conv({1, 12, 11, 2, 3, 2, 3}),            // stride larger than the kernel: inputs that nobody reads
      conv({1, 3, 2, 2, 3, 2, 20000, 1}),       // … and than anything
      conv({1, 2, 3, 2, 3, 3, 1, 1000, 1000}),  // taps that are far apart
      conv({1, 3, 4, 2, 2, 1, 300, 700}),       // and outputs that are
      conv({1, 6, 6, 130, 5, 3, 1, 1}),         // many channels
      conv({1, 5, 5, 3, 144, 3, 1, 1}),         // several blocks of output channels
      conv({2, 9, 7, 16, 32, 3, 1, 1}),         // 3×3 of whole vectors, whose tiles do not fit
      conv({1, 8, 4, 48, 16, 3, 1, 1}),         // … and fit
      conv({1, 6, 5, 16, 80, 3, 1}),            // … without padding
      conv({1, 1, 3, 32, 16, 3, 1, 2}),         // … with more of it, on a small image
  };
  ConvSizes uneven;  // everything different in y and x, and padding that differs from side to side
  uneven.batch = 2, uneven.in_height = 9, uneven.in_width = 6, uneven.in_channels = 4,
  uneven.out_channels = 6;
  uneven.kernel_height = 2, uneven.kernel_width = 5, uneven.stride_y = 3, uneven.stride_x = 2;
  uneven.pad_top = 1, uneven.pad_left = 0, uneven.dilation_y = 2, uneven.dilation_x = 1, uneven.groups = 2;
  uneven.out_height = 4, uneven.out_width = 3;
  shapes.push_back(uneven);
  return shapes;
}

inline std::vector<LinearSizes> linear_shapes() {
  return {{1, 1, 1},   {1, 7, 5},   {3, 5, 1},    {2, 64, 64},   {1, 513, 33},
          {5, 17, 65}, {65, 16, 3}, {70, 33, 66}, {2, 4103, 101}};  // the last: work for several threads
}

/// Pooling with the same numbers in y and x. With `ceil`, the last window may begin anywhere before the right
/// padding.
inline PoolSizes pool(std::int64_t batch, std::int64_t height, std::int64_t width, std::int64_t channels,
                      std::int64_t kernel, std::int64_t stride, std::int64_t pad = 0, bool ceil = false) {
  PoolSizes s;
  s.batch = batch, s.in_height = height, s.in_width = width, s.channels = channels;
  s.kernel_height = s.kernel_width = kernel, s.stride_y = s.stride_x = stride;
  s.pad_top = s.pad_left = s.pad_bottom = s.pad_right = pad;
  const auto fit = [&](std::int64_t n) {
    std::int64_t outputs = (n + 2 * pad - kernel + (ceil ? stride - 1 : 0)) / stride + 1;
    if (ceil && (outputs - 1) * stride >= n + pad)
      --outputs;  // PyTorch: a window begins inside the image or before it
    return outputs;
  };
  s.out_height = fit(height), s.out_width = fit(width);
  return s;
}

inline std::vector<PoolSizes> pool_shapes() {
  std::vector<PoolSizes> shapes = {
      pool(1, 1, 1, 1, 1, 1),           pool(2, 4, 6, 3, 2, 2),
      pool(2, 5, 7, 3, 2, 2),           // the last row and column belong to no window
      pool(2, 5, 7, 3, 2, 2, 0, true),  // … or, in ceil mode, to a window that is cut off
      pool(1, 7, 9, 65, 3, 2, 1),       // a ResNet's, overlapping
      pool(1, 8, 6, 70, 3, 2, 1, true), pool(2, 6, 5, 2, 3, 1, 1),
      pool(1, 9, 8, 3, 2, 3),  // gaps between the windows
      pool(1, 7, 7, 5, 7, 7),  // global
      pool(1, 3, 4, 2, 3, 2, 1, true),  pool(1, 5, 6, 2, 5, 3, 2),
  };
  PoolSizes uneven;
  uneven.batch = 2, uneven.in_height = 5, uneven.in_width = 8, uneven.channels = 3;
  uneven.kernel_height = 3, uneven.kernel_width = 2, uneven.stride_y = 1, uneven.stride_x = 3;
  uneven.pad_top = 1, uneven.pad_left = 0, uneven.pad_bottom = 0, uneven.pad_right = 1;
  uneven.out_height = 4, uneven.out_width = 3;
  shapes.push_back(uneven);
  return shapes;
}

inline std::vector<ShortcutSizes> shortcut_shapes() {
  return {{1, 1, 1, 1, 1, 1, 1, 1, 0},  // the identity
          {2, 4, 6, 3, 2, 3, 6, 2, 1},  // a CIFAR ResNet's: every second pixel, zeros on both sides
          {2, 5, 7, 2, 3, 4, 7, 2, 2},  // odd image, more zeros after than before
          {1, 6, 4, 3, 2, 2, 5, 3, 0}};
}

/// Rows around the bytes of a mask, warps, blocks and the tasks of the processor's kernels.
inline std::vector<ReluSizes> relu_shapes() {
  return {{0, 1},   {1, 1},   {5, 1},   {1, 7},    {1, 8},     {3, 8},     {4, 9},     {2, 31},  {3, 33},
          {1, 255}, {4, 256}, {1, 257}, {10, 100}, {1, 16384}, {2, 16392}, {1, 40007}, {3000, 7}};
}

/// Element counts around warps, blocks and the tasks of the processor's kernels.
inline std::vector<std::int64_t> counts() {
  return {0, 1, 7, 8, 9, 31, 33, 255, 256, 257, 1000, 16384, 40007};
}

}  // namespace backlight::sweep
