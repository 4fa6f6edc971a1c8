#include "kernels/cuda/gemm.h"
#include "kernels/cuda/rectify.h"

namespace backlight::BACKLIGHT_DEVICE {
namespace {

// Convolution as an implicit matrix product: the matrix of patches is never in memory, its elements are read
// where they lie in the image when a tile of them is loaded. Activations N,H,W,C; weights O,C/G,KH,KW; one
// product per group.

struct ConvGeometry {
  ConvSizes s;
  std::int64_t group_in, group_out, taps;

  explicit ConvGeometry(const ConvSizes& sizes)
      : s(sizes), group_in(sizes.group_in()), group_out(sizes.group_out()), taps(sizes.taps()) {}
};

/// x at channel c of a group under tap `tap` of output pixel `pixel`; 0 in the padding.
template <class T>
__device__ T patch_element(const ConvGeometry& g, const T* x, std::int64_t group, std::int64_t pixel,
                           std::int64_t tap, std::int64_t c) {
  const ConvSizes& s = g.s;
  const std::int64_t row = pixel / s.out_width, n = row / s.out_height;
  const std::int64_t iy = row % s.out_height * s.stride_y - s.pad_top + tap / s.kernel_width * s.dilation_y;
  const std::int64_t ix = pixel % s.out_width * s.stride_x - s.pad_left + tap % s.kernel_width * s.dilation_x;
  if (iy < 0 || iy >= s.in_height || ix < 0 || ix >= s.in_width) return T(0);
  return x[((n * s.in_height + iy) * s.in_width + ix) * s.in_channels + group * g.group_in + c];
}

/// Forward, left: outer = output pixel, k = (tap, channel).
template <class T>
struct Patches {
  ConvGeometry g;
  const T* x;

  __device__ bool along_k() const { return true; }
  __device__ T operator()(std::int64_t group, std::int64_t pixel, std::int64_t k) const {
    return patch_element(g, x, group, pixel, k / g.group_in, k % g.group_in);
  }
};

/// Forward, right: outer = output channel, k = (tap, channel).
template <class T>
struct ForwardWeights {
  ConvGeometry g;
  const T* w;

  __device__ bool along_k() const { return true; }
  __device__ T operator()(std::int64_t group, std::int64_t o, std::int64_t k) const {
    return w[((group * g.group_out + o) * g.group_in + k % g.group_in) * g.taps + k / g.group_in];
  }
};

/// Backward to the data, left: outer = input pixel, k = (tap, output channel): dy of the output that read
/// this pixel under this tap, or 0 where there is none.
template <class T>
struct OutputPatches {
  ConvGeometry g;
  const T* dy;

  __device__ bool along_k() const { return true; }
  __device__ T operator()(std::int64_t group, std::int64_t pixel, std::int64_t k) const {
    const ConvSizes& s = g.s;
    const std::int64_t tap = k / g.group_out, row = pixel / s.in_width, n = row / s.in_height;
    const std::int64_t y = row % s.in_height + s.pad_top - tap / s.kernel_width * s.dilation_y;
    const std::int64_t x = pixel % s.in_width + s.pad_left - tap % s.kernel_width * s.dilation_x;
    if (y < 0 || x < 0 || y % s.stride_y != 0 || x % s.stride_x != 0) return T(0);
    const std::int64_t oy = y / s.stride_y, ox = x / s.stride_x;
    if (oy >= s.out_height || ox >= s.out_width) return T(0);
    return dy[((n * s.out_height + oy) * s.out_width + ox) * s.out_channels + group * g.group_out +
              k % g.group_out];
  }
};

/// Backward to the data, right: outer = input channel, k = (tap, output channel).
template <class T>
struct TransposedWeights {
  ConvGeometry g;
  const T* w;

  __device__ bool along_k() const { return false; }
  __device__ T operator()(std::int64_t group, std::int64_t c, std::int64_t k) const {
    return w[((group * g.group_out + k % g.group_out) * g.group_in + c) * g.taps + k / g.group_out];
  }
};

/// Backward to the weights, right: outer = (channel, tap) as in the weights' layout, k = output pixel.
template <class T>
struct PatchColumns {
  ConvGeometry g;
  const T* x;

  __device__ bool along_k() const { return false; }
  __device__ T operator()(std::int64_t group, std::int64_t outer, std::int64_t pixel) const {
    return patch_element(g, x, group, pixel, outer % g.taps, outer / g.taps);
  }
};

// y[pixel][o] = Σ_(tap,c) patch[pixel][tap,c]·w[o][tap,c], and the epilogue
template <class T>
void conv_forward(const ConvSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
                  const Workers& workers) {
  const ConvGeometry g(s);
  const std::int64_t pixels = s.batch * s.out_height * s.out_width;
  // Where groups meet inside a byte of the mask, no block has all of it: the signs of y, which are those of
  // v, are then written by a launch of their own.
  const bool mask_apart = epilogue.relu && epilogue.mask && s.groups > 1 && g.group_out % 8 != 0;
  Epilogue<T> in_tile = epilogue;
  if (mask_apart) in_tile.mask = nullptr;
  gemm<T>({s.groups, pixels, g.group_out, g.taps * g.group_in}, Patches<T>{g, x}, ForwardWeights<T>{g, w},
          ForwardOutput<T>{y, g.group_out, s.out_channels, in_tile}, workers);
  if (mask_apart) rectify<T>({pixels, s.out_channels}, y, y, epilogue.mask, epilogue.held, workers);
}

// dx[pixel][c] = Σ_(tap,o) dy[the output under tap][o]·w[o][tap,c]
template <class T>
void conv_backward_data(const ConvSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                        const Workers& workers) {
  const ConvGeometry g(s);
  gemm<T>({s.groups, s.batch * s.in_height * s.in_width, g.group_in, g.taps * g.group_out},
          OutputPatches<T>{g, dy}, TransposedWeights<T>{g, w},
          DataGradient<T>{dx, g.group_in, s.in_channels, gate}, workers);
}

// dw[o][c,tap] = Σ_pixel dy[pixel][o]·patch[pixel][c,tap], dbias[o] = Σ_pixel dy[pixel][o]
template <class T>
void conv_backward_weights(const ConvSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                           const Workers& workers) {
  const ConvGeometry g(s);
  const std::int64_t pixels = s.batch * s.out_height * s.out_width, columns = g.group_in * g.taps;
  gemm<T>({s.groups, g.group_out, columns, pixels}, MatrixOperand<T>{dy, g.group_out, 1, s.out_channels},
          PatchColumns<T>{g, x}, WeightGradient<T>{dw, g.group_out, columns, write}, workers);
  if (dbias) column_sums(pixels, s.out_channels, dy, dbias, write, workers);
}

}  // namespace

BACKLIGHT_TABLE(ConvForward, {{"tiled", conv_forward<T>}})
BACKLIGHT_TABLE(ConvBackwardData, {{"tiled", conv_backward_data<T>}})
BACKLIGHT_TABLE(ConvBackwardWeights, {{"tiled", conv_backward_weights<T>}})

}  // namespace backlight::BACKLIGHT_DEVICE
