// Equal inputs give equal outputs: where two outputs read equal numbers through equal taps, their bits are
// equal, wherever they lie in a tile, in a thread's share or in a batch. Otherwise a flat sky would not stay
// flat, and a max pool after it would choose among equals by chance.
#include <array>
#include <cstring>
#include <map>

#include "epilogues.h"
#include "shapes.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

/// What an output reads: for each of its taps, which cell of the pattern, or what lies there instead.
using View = std::vector<std::int64_t>;
constexpr std::int64_t outside = -1;

/// Images that repeat every so many pixels down and across, all of a batch the same; period 1: all pixels of
/// a column, or of a row, are equal. Their numbers round when they are summed.
struct Pattern {
  std::int64_t down, across;

  std::int64_t cell(std::int64_t y, std::int64_t x) const { return y % down * across + x % across; }
  /// A kernel that transforms whole tiles promises nothing for other patterns.
  bool flat() const { return down == 1 || across == 1; }

  template <class T>
  std::vector<T> images(std::int64_t batch, std::int64_t height, std::int64_t width, std::int64_t channels,
                        unsigned seed) const {
    const auto cells = reals<T>(down * across * channels, seed);
    std::vector<T> data;
    for (std::int64_t n = 0; n < batch; ++n)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
          const auto from = cells.begin() + cell(y, x) * channels;
          data.insert(data.end(), from, from + channels);
        }
    return data;
  }
};

template <class Body>
void for_each_pattern(Body body) {
  for (const Pattern& pattern : {Pattern{1, 1}, {2, 2}, {3, 3}, {1, 1000}, {1000, 1}}) {
    INFO("a pattern that repeats every ", pattern.down, " pixels down and ", pattern.across, " across");
    body(pattern);
  }
}

/// Two pixels of one view have the same bits in every channel. view(y, x) is that of a pixel of each image.
template <class E, class GetView>
void check_equal_views(const std::vector<E>& data, std::int64_t batch, std::int64_t height,
                       std::int64_t width, std::int64_t channels, GetView view) {
  REQUIRE(data.size() == size(batch * height * width * channels));
  std::map<View, const E*> seen;
  const E* pixel = data.data();
  for (std::int64_t n = 0; n < batch; ++n)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x, pixel += channels) {
        const E* first = seen.try_emplace(view(y, x), pixel).first->second;
        if (std::memcmp(first, pixel, size(channels) * sizeof(E)) == 0) continue;
        const std::int64_t other = (first - data.data()) / channels;
        FAIL_CHECK("pixel (", y, ",", x, ") of image ", n, " differs from pixel (", other / width % height,
                   ",", other % width, ") of image ", other / width / height, ", which reads the same");
        return;
      }
}

/// A kernel that rounds in its transforms promises nothing: no max pool may choose among its sums.
template <class Contract>
bool promises(const Runner<Contract>& run, const Pattern& pattern) {
  return run.exact() && (run.entry().arithmetic.plain || pattern.flat());
}

std::vector<ConvSizes> equal_conv_shapes() {
  std::vector<ConvSizes> shapes = conv_shapes();
  for (ConvSizes& s : shapes) s.batch = 2;
  shapes.push_back(conv({1, 23, 29, 5, 19, 3, 1, 1}));   // several tiles of pixels, none of them full
  shapes.push_back(conv({1, 20, 67, 3, 8, 7, 2, 3}));    // …
  shapes.push_back(conv({1, 3, 211, 4, 5, 1}));          // … and long rows
  shapes.push_back(conv({3, 14, 15, 20, 70, 1}));        // several blocks of channels, the last one short
  shapes.push_back(conv({2, 13, 11, 100, 3, 3, 1, 1}));  // sums in several chunks
  shapes.push_back(conv({1, 21, 33, 32, 48, 3, 1, 1}));  // many tiles of 2×2 and 4×4
  return shapes;
}

template <class Body>
void for_each_conv(Body body) {
  for (const ConvSizes& s : equal_conv_shapes()) {
    INFO("in ", s.in_height, "x", s.in_width, "x", s.in_channels, ", out ", s.out_height, "x", s.out_width,
         "x", s.out_channels, ", kernel ", s.kernel_height, "x", s.kernel_width, ", stride ", s.stride_y,
         ", pad ", s.pad_top, ", dilation ", s.dilation_y, ", groups ", s.groups);
    for_each_pattern([&](const Pattern& pattern) { body(s, pattern); });
  }
}

/// Some windows' view of the image: padding inside `pad`, beyond it, or a cell.
View window_view(const PoolSizes& s, const Pattern& pattern, std::int64_t oy, std::int64_t ox) {
  View view;
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
      const std::int64_t y = oy * s.stride_y - s.pad_top + ky, x = ox * s.stride_x - s.pad_left + kx;
      const bool is_beyond = y >= s.in_height + s.pad_bottom || x >= s.in_width + s.pad_right;
      const bool is_inside = y >= 0 && y < s.in_height && x >= 0 && x < s.in_width;
      view.push_back(is_beyond ? outside - 1 : is_inside ? pattern.cell(y, x) : outside);
    }
  return view;
}

/// What flows back to a pixel: window by window that holds it, its tap, what the window sees, and its dy.
View pixel_view(const PoolSizes& s, const Pattern& pattern, std::int64_t iy, std::int64_t ix) {
  View view;
  for (std::int64_t oy = 0; oy < s.out_height; ++oy)
    for (std::int64_t ox = 0; ox < s.out_width; ++ox) {
      const std::int64_t ky = iy + s.pad_top - oy * s.stride_y, kx = ix + s.pad_left - ox * s.stride_x;
      if (ky < 0 || ky >= s.kernel_height || kx < 0 || kx >= s.kernel_width) continue;
      const View window = window_view(s, pattern, oy, ox);
      view.insert(view.end(), window.begin(), window.end());
      view.insert(view.end(), {ky, kx, pattern.cell(oy, ox)});
    }
  return view;
}

template <class Body>
void for_each_pool(Body body) {
  std::vector<PoolSizes> shapes = pool_shapes();
  shapes.push_back(pool(1, 19, 31, 5, 3, 2, 1));
  for (PoolSizes& s : shapes) {
    s.batch = 2;
    INFO("in ", s.in_height, "x", s.in_width, "x", s.channels, ", kernel ", s.kernel_height, "x",
         s.kernel_width, ", stride ", s.stride_y, ", pad ", s.pad_top);
    for_each_pattern([&](const Pattern& pattern) { body(s, pattern); });
  }
}

}  // namespace

TEST_CASE_TEMPLATE("equal inputs: convolution forward", T, float, double) {
  for_each_conv([](const ConvSizes& s, const Pattern& pattern) {
    const auto x = pattern.images<T>(s.batch, s.in_height, s.in_width, s.in_channels, 1);
    const auto w = reals<T>(s.weights(), 2), bias = reals<T>(s.out_channels, 3);
    for_each_implementation<ConvForward<T>>(s, [&](const auto& run) {
      if (!promises(run, pattern)) return;
      std::vector<T> y(size(s.batch * s.out_height * s.out_width * s.out_channels));
      run(x, run.weights(w), Epilogue<T>{.bias = bias.data()}, y);
      check_equal_views(
          y, s.batch, s.out_height, s.out_width, s.out_channels, [&](std::int64_t oy, std::int64_t ox) {
            View view;
            for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
              for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
                const std::int64_t iy = oy * s.stride_y - s.pad_top + ky * s.dilation_y,
                                   ix = ox * s.stride_x - s.pad_left + kx * s.dilation_x;
                const bool is_inside = iy >= 0 && iy < s.in_height && ix >= 0 && ix < s.in_width;
                view.push_back(is_inside ? pattern.cell(iy, ix) : outside);
              }
            return view;
          });
    });
  });
}

TEST_CASE_TEMPLATE("equal inputs: convolution backward to the data", T, float, double) {
  for_each_conv([](const ConvSizes& s, const Pattern& pattern) {
    const auto dy = pattern.images<T>(s.batch, s.out_height, s.out_width, s.out_channels, 1);
    const auto w = reals<T>(s.weights(), 2);
    for_each_implementation<ConvBackwardData<T>>(s, [&](const auto& run) {
      if (!promises(run, pattern)) return;
      std::vector<T> dx(size(s.batch * s.in_height * s.in_width * s.in_channels));
      run(dy, run.weights(w), dx, Gate{});
      check_equal_views(
          dx, s.batch, s.in_height, s.in_width, s.in_channels, [&](std::int64_t iy, std::int64_t ix) {
            View view;
            for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
              for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
                const std::int64_t y = iy + s.pad_top - ky * s.dilation_y,
                                   x = ix + s.pad_left - kx * s.dilation_x;
                const bool is_read = y >= 0 && x >= 0 && y % s.stride_y == 0 && x % s.stride_x == 0 &&
                                     y / s.stride_y < s.out_height && x / s.stride_x < s.out_width;
                view.push_back(is_read ? pattern.cell(y / s.stride_y, x / s.stride_x) : outside);
              }
            return view;
          });
    });
  });
}

TEST_CASE_TEMPLATE("equal inputs: linear, over the images of a batch", T, float, double) {
  for (const LinearSizes& s : linear_shapes()) {
    INFO("batch ", s.batch, ", in ", s.in, ", out ", s.out);
    const Pattern pattern{1, 1};
    const auto x = pattern.images<T>(s.batch, 1, 1, s.in, 1), dy = pattern.images<T>(s.batch, 1, 1, s.out, 2);
    const auto w = reals<T>(s.out * s.in, 3);
    const auto same = [](std::int64_t, std::int64_t) { return View{}; };
    for_each_implementation<LinearForward<T>>(s, [&](const auto& run) {
      std::vector<T> y(dy.size());
      run(x, run.weights(w), Epilogue<T>{}, y);
      check_equal_views(y, s.batch, 1, 1, s.out, same);
    });
    for_each_implementation<LinearBackwardData<T>>(s, [&](const auto& run) {
      std::vector<T> dx(x.size());
      run(dy, run.weights(w), dx, Gate{});
      check_equal_views(dx, s.batch, 1, 1, s.in, same);
    });
  }
}

TEST_CASE_TEMPLATE("equal inputs: pooling forward", T, float, double) {
  for_each_pool([](const PoolSizes& s, const Pattern& pattern) {
    const auto x = pattern.images<T>(s.batch, s.in_height, s.in_width, s.channels, 1);
    const auto view = [&](std::int64_t oy, std::int64_t ox) { return window_view(s, pattern, oy, ox); };
    const auto check = [&](const auto& data) {
      check_equal_views(data, s.batch, s.out_height, s.out_width, s.channels, view);
    };
    std::vector<T> y(size(s.outputs()));
    Mask winners(y.size());
    for_each_implementation<MaxPoolForward<T>>(s, [&](const auto& run) {
      run(x, y, winners);
      check(y);
      check(winners);
    });
    for_each_implementation<MaxPoolReplay<T>>(s, [&](const auto& run) {
      run(x, winners, y);
      check(y);
    });
    for_each_implementation<AveragePoolForward<T>>(s, [&](const auto& run) {
      run(x, y);
      check(y);
    });
  });
}

TEST_CASE_TEMPLATE("equal inputs: pooling backward", T, float, double) {
  for_each_pool([](const PoolSizes& s, const Pattern& pattern) {
    const auto x = pattern.images<T>(s.batch, s.in_height, s.in_width, s.channels, 1);
    const auto dy = pattern.images<T>(s.batch, s.out_height, s.out_width, s.channels, 2);
    std::vector<T> y(dy.size()), dx(x.size());
    Mask winners(dy.size());
    reference<MaxPoolForward<T>>(s)(x, y, winners);
    std::map<std::array<std::int64_t, 2>, View> views;  // they cost more than the kernels
    const auto view = [&](std::int64_t iy, std::int64_t ix) {
      const auto [at, is_new] = views.try_emplace({iy, ix});
      if (is_new) at->second = pixel_view(s, pattern, iy, ix);
      return at->second;
    };
    const auto check = [&] { check_equal_views(dx, s.batch, s.in_height, s.in_width, s.channels, view); };
    for_each_implementation<MaxPoolBackward<T>>(s, [&](const auto& run) {
      run(dy, winners, dx, Write::set);
      check();
    });
    for_each_implementation<AveragePoolBackward<T>>(s, [&](const auto& run) {
      run(dy, dx, Write::set);
      check();
    });
  });
}
