#include "kernels/cpu/conv_product.h"
#include "kernels/cpu/table.h"

namespace backlight::cpu {
namespace {

bool pointwise(const ConvSizes& s) {
  return s.taps() == 1 && s.stride_y == 1 && s.stride_x == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         s.out_height == s.in_height && s.out_width == s.in_width;
}

/// The weight of tap (ky, kx) between input channel c and output channel o of group g.
template <class T>
T weight(const ConvSizes& s, const T* w, std::int64_t g, const Tap& tap, std::int64_t c, std::int64_t o) {
  return w[(((g * s.group_out() + o) * s.group_in() + c) * s.kernel_height + tap.ky) * s.kernel_width +
           tap.kx];
}

template <class T, bool gathers>
Bound<ConvForward<T>> forward(const ConvSizes& s, const Machine&) {
  const ConvProduct product = ConvProduct::forward(s, gathers);
  return {
      .run = [product](const T* x, const T* packed, const Epilogue<T>& epilogue, T* y,
                       const Workers& workers) { conv_product(product, x, packed, epilogue, y, workers); },
      .scratch = conv_scratch<T>(product),
      .prepared = static_cast<std::size_t>(s.weights()),
      .prepare =
          [product, s](const T* w, T* packed, const Workers&) {
            pack_conv_weights(
                product,
                [&](std::int64_t g, const Tap& tap, std::int64_t c, std::int64_t o) {
                  return weight(s, w, g, tap, c, o);
                },
                packed);
          }};
}

template <class T, bool gathers>
Bound<ConvBackwardData<T>> backward_data(const ConvSizes& s, const Machine&) {
  const ConvProduct product = ConvProduct::backward(s, gathers);
  return {.run = [product](const T* dy, const T* packed, T* dx, const Gate& gate,
                           const Workers& workers) { conv_product(product, dy, packed, gate, dx, workers); },
          .scratch = conv_scratch<T>(product),
          .prepared = static_cast<std::size_t>(s.weights()),
          .prepare =
              [product, s](const T* w, T* packed, const Workers&) {
                pack_conv_weights(
                    product,
                    [&](std::int64_t g, const Tap& tap, std::int64_t o, std::int64_t c) {
                      return weight(s, w, g, tap, c, o);
                    },
                    packed);
              }};
}

/// dw as matrix products: for some taps and channels, dw[rows × outputs] = Σ over images and pixel tiles of
/// gatheredᵀ[rows × pixels] · dy[pixels × outputs]. Where that makes few tasks the batch is cut too, into
/// shares whose sums are added in order: from the sizes alone, so that the bits do not depend on the number
/// of threads.
template <class T>
struct BackwardWeights {
  static constexpr std::int64_t tile_pixels = 256, enough_tasks = 16;

  struct Cut {
    std::int64_t taps, channels;  // of one task
    std::int64_t tap_tasks, channel_tasks, shares;
    std::int64_t rows() const { return taps * channels; }
  };
  static Cut cut(const ConvSizes& s) {
    Cut k{};
    k.channels = std::min<std::int64_t>(s.group_in(), 128);
    k.taps = k.channels < s.group_in() ? 1 : std::min(s.taps(), std::max<std::int64_t>(1, 128 / k.channels));
    k.tap_tasks = (s.taps() + k.taps - 1) / k.taps;
    k.channel_tasks = (s.group_in() + k.channels - 1) / k.channels;
    k.shares =
        std::clamp<std::int64_t>(enough_tasks / (s.groups * k.tap_tasks * k.channel_tasks), 1, s.batch);
    return k;
  }
  static Bound<ConvBackwardWeights<T>> bind(const ConvSizes& s, const Machine&) {
    const Cut k = cut(s);
    const std::int64_t sums = s.groups * k.tap_tasks * k.channel_tasks * k.shares * k.rows() * s.group_out();
    return {.run = [s](const T* x, const T* dy, T* dw, T* dbias, Write write,
                       const Workers& workers) { run(s, x, dy, dw, dbias, write, workers); },
            .scratch = static_cast<std::size_t>(k.rows() * tile_pixels) * sizeof(T),
            .shared = static_cast<std::size_t>(sums) * sizeof(T)};
  }

  static void run(const ConvSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                  const Workers& workers) {
    const Phase whole = forward_phases(s)[0];
    const Cut k = cut(s);
    const std::int64_t tasks = s.groups * k.tap_tasks * k.channel_tasks, size = k.rows() * s.group_out();
    T* const sums = reinterpret_cast<T*>(workers.shared);
    const auto first_channel = [&](std::int64_t task) { return task % k.channel_tasks * k.channels; };
    const auto first_tap = [&](std::int64_t task) { return task / k.channel_tasks % k.tap_tasks * k.taps; };
    const auto group = [&](std::int64_t task) { return task / k.channel_tasks / k.tap_tasks; };
    const auto channels = [&](std::int64_t task) {
      return std::min(k.channels, s.group_in() - first_channel(task));
    };
    const auto taps = [&](std::int64_t task) { return std::min(k.taps, s.taps() - first_tap(task)); };

    parallel_for(workers, tasks * k.shares, [&](std::int64_t index, int worker) {
      const std::int64_t task = index / k.shares, share = index % k.shares, g = group(task);
      Phase phase = whole;
      phase.taps.assign(whole.taps.begin() + first_tap(task),
                        whole.taps.begin() + first_tap(task) + taps(task));
      const std::int64_t rows = taps(task) * channels(task);
      T* tile = workers.slice<T>(worker);
      auto sum = matrix(sums + index * size, rows, s.group_out(), s.group_out());
      sum.setZero();
      for (std::int64_t n = s.batch * share / k.shares; n < s.batch * (share + 1) / k.shares; ++n) {
        const T* image =
            x + n * s.in_height * s.in_width * s.in_channels + g * s.group_in() + first_channel(task);
        const T* gradient = dy + n * whole.pixels() * s.out_channels + g * s.group_out();
        for (std::int64_t begin = 0; begin < whole.pixels(); begin += tile_pixels) {
          const std::int64_t end = std::min(whole.pixels(), begin + tile_pixels);
          gather(Channels<const T>{image, s.in_height, s.in_width, s.in_channels, channels(task)}, phase,
                 begin, end, tile);
          sum.noalias() +=
              matrix(static_cast<const T*>(tile), end - begin, rows, rows).transpose() *
              matrix(gradient + begin * s.out_channels, end - begin, s.group_out(), s.out_channels);
        }
      }
    });
    parallel_for(workers, tasks, [&](std::int64_t task, int) {
      const std::int64_t rows = taps(task) * channels(task);
      T* total = sums + task * k.shares * size;
      for (std::int64_t share = 1; share < k.shares; ++share)
        for (std::int64_t i = 0; i < rows * s.group_out(); ++i) total[i] += total[share * size + i];
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t o = 0; o < s.group_out(); ++o) {
          T& w = dw[((group(task) * s.group_out() + o) * s.group_in() + first_channel(task) +
                     r % channels(task)) *
                        s.taps() +
                    first_tap(task) + r / channels(task)];
          const T value = total[r * s.group_out() + o];
          w = write == Write::add ? w + value : value;
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

BACKLIGHT_TABLE(ConvForward, {{"pointwise", forward<T, false>, pointwise},
                              {"im2col", forward<T, true>},
                              {"ref", ref::conv_forward<T>}})

BACKLIGHT_TABLE(ConvBackwardData, {{"pointwise", backward_data<T, false>, pointwise},
                                   {"im2col", backward_data<T, true>},
                                   {"ref", ref::conv_backward_data<T>}})

BACKLIGHT_TABLE(ConvBackwardWeights,
                {{"im2col", BackwardWeights<T>::bind}, {"ref", ref::conv_backward_weights<T>}})

}  // namespace backlight::cpu
