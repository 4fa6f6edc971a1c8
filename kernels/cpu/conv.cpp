#include "kernels/cpu/conv_product.h"
#include "kernels/cpu/table.h"

namespace backlight::cpu {
namespace {

bool pointwise(const ConvSizes& s) {
  return s.taps() == 1 && s.stride_y == 1 && s.stride_x == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         s.out_height == s.in_height && s.out_width == s.in_width;
}

std::size_t weights(const ConvSizes& s) { return static_cast<std::size_t>(s.weights()); }

template <class T, bool gathers>
struct Forward {
  static void prepare(const ConvSizes& s, const T* w, T* packed) {
    pack_conv_weights(
        ConvProduct::forward(s, gathers),
        [&](std::int64_t g, const Tap& tap, std::int64_t c, std::int64_t o) {
          return w[(((g * s.group_out() + o) * s.group_in() + c) * s.kernel_height + tap.ky) *
                       s.kernel_width +
                   tap.kx];
        },
        packed);
  }
  static void run(const ConvSizes& s, const T* x, const T* packed, const T* bias, T* y,
                  const Workers& workers) {
    conv_product(ConvProduct::forward(s, gathers), x, packed, bias, y, Write::set, workers);
  }
  static std::size_t scratch(const ConvSizes& s) { return conv_scratch<T>(ConvProduct::forward(s, gathers)); }
};

template <class T, bool gathers>
struct BackwardData {
  static void prepare(const ConvSizes& s, const T* w, T* packed) {
    pack_conv_weights(
        ConvProduct::backward(s, gathers),
        [&](std::int64_t g, const Tap& tap, std::int64_t o, std::int64_t c) {
          return w[(((g * s.group_out() + o) * s.group_in() + c) * s.kernel_height + tap.ky) *
                       s.kernel_width +
                   tap.kx];
        },
        packed);
  }
  static void run(const ConvSizes& s, const T* dy, const T* packed, T* dx, Write write,
                  const Workers& workers) {
    conv_product(ConvProduct::backward(s, gathers), dy, packed, static_cast<const T*>(nullptr), dx, write,
                 workers);
  }
  static std::size_t scratch(const ConvSizes& s) {
    return conv_scratch<T>(ConvProduct::backward(s, gathers));
  }
};

/// dw as matrix products: for some taps and channels, dw[rows × outputs] = Σ over images and pixel tiles of
/// gatheredᵀ[rows × pixels] · dy[pixels × outputs]. A task owns its rows and adds the tiles in order.
template <class T>
struct BackwardWeights {
  static constexpr std::int64_t tile_pixels = 256;

  struct Cut {
    std::int64_t taps, channels;  // of one task
    std::int64_t rows() const { return taps * channels; }
  };
  static Cut cut(const ConvSizes& s) {
    const std::int64_t channels = std::min<std::int64_t>(s.group_in(), 128);
    return {channels < s.group_in() ? 1 : std::min(s.taps(), std::max<std::int64_t>(1, 128 / channels)),
            channels};
  }
  static std::size_t scratch(const ConvSizes& s) {
    return static_cast<std::size_t>(cut(s).rows() * (tile_pixels + s.group_out())) * sizeof(T);
  }

  static void run(const ConvSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                  const Workers& workers) {
    const Phase whole = forward_phases(s)[0];
    const Cut k = cut(s);
    const std::int64_t tap_tasks = (s.taps() + k.taps - 1) / k.taps;
    const std::int64_t channel_tasks = (s.group_in() + k.channels - 1) / k.channels;
    parallel_for(workers, s.groups * tap_tasks * channel_tasks, [&](std::int64_t index, int worker) {
      const std::int64_t first_channel = index % channel_tasks * k.channels;
      const std::int64_t channels = std::min(k.channels, s.group_in() - first_channel);
      const std::int64_t first_tap = index / channel_tasks % tap_tasks * k.taps;
      const std::int64_t g = index / channel_tasks / tap_tasks;
      Phase phase = whole;
      phase.taps.assign(whole.taps.begin() + first_tap,
                        whole.taps.begin() + std::min(s.taps(), first_tap + k.taps));
      const std::int64_t rows = static_cast<std::int64_t>(phase.taps.size()) * channels;

      T* tile = workers.slice<T>(worker);
      auto sum = matrix(tile + tile_pixels * k.rows(), rows, s.group_out(), s.group_out());
      sum.setZero();
      for (std::int64_t n = 0; n < s.batch; ++n) {
        const T* image = x + n * s.in_height * s.in_width * s.in_channels + g * s.group_in() + first_channel;
        const T* gradient = dy + n * whole.pixels() * s.out_channels + g * s.group_out();
        for (std::int64_t begin = 0; begin < whole.pixels(); begin += tile_pixels) {
          const std::int64_t end = std::min(whole.pixels(), begin + tile_pixels);
          gather(Channels<const T>{image, s.in_height, s.in_width, s.in_channels, channels}, phase, begin,
                 end, tile);
          sum.noalias() +=
              matrix(static_cast<const T*>(tile), end - begin, rows, rows).transpose() *
              matrix(gradient + begin * s.out_channels, end - begin, s.group_out(), s.out_channels);
        }
      }
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t o = 0; o < s.group_out(); ++o) {
          T& w = dw[((g * s.group_out() + o) * s.group_in() + first_channel + r % channels) * s.taps() +
                    first_tap + r / channels];
          w = write == Write::add ? w + sum(r, o) : sum(r, o);
        }
    });
    if (!dbias) return;
    auto bias = Eigen::Map<Eigen::Matrix<T, 1, Eigen::Dynamic>>(dbias, s.out_channels);
    if (write == Write::set) bias.setZero();
    for (std::int64_t r = 0; r < s.batch * whole.pixels(); ++r)
      bias += matrix(dy + r * s.out_channels, 1, s.out_channels, s.out_channels);
  }
};

}  // namespace

BACKLIGHT_CPU_TABLE(ConvForward, {{"pointwise", Forward<T, false>::run, pointwise, Forward<T, false>::scratch,
                                   weights, Forward<T, false>::prepare},
                                  {"im2col", Forward<T, true>::run, nullptr, Forward<T, true>::scratch,
                                   weights, Forward<T, true>::prepare},
                                  {"ref", ref::conv_forward<T>}})

BACKLIGHT_CPU_TABLE(ConvBackwardData,
                    {{"pointwise", BackwardData<T, false>::run, pointwise, BackwardData<T, false>::scratch,
                      weights, BackwardData<T, false>::prepare},
                     {"im2col", BackwardData<T, true>::run, nullptr, BackwardData<T, true>::scratch, weights,
                      BackwardData<T, true>::prepare},
                     {"ref", ref::conv_backward_data<T>}})

BACKLIGHT_CPU_TABLE(ConvBackwardWeights,
                    {{"im2col", BackwardWeights<T>::run, nullptr, BackwardWeights<T>::scratch},
                     {"ref", ref::conv_backward_weights<T>}})

}  // namespace backlight::cpu
