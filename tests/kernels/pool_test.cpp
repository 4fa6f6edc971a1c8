#include <cmath>
#include <numeric>

#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

using Winners = std::vector<std::uint8_t>;

std::int64_t inputs(const PoolSizes& s) { return s.batch * s.in_height * s.in_width * s.channels; }

template <class Body>
void for_each_shape(Body body) {
  for (const PoolSizes& s : pool_shapes()) {
    INFO("batch ", s.batch, ", in ", s.in_height, "x", s.in_width, "x", s.channels, ", out ", s.out_height,
         "x", s.out_width, ", kernel ", s.kernel_height, "x", s.kernel_width, ", stride ", s.stride_y,
         ", pad ", s.pad_top);
    body(s);
  }
}

/// The winners of some other input.
template <class T>
Winners some_winners(const PoolSizes& s) {
  Winners winners(size(s.outputs()));
  std::vector<T> y(winners.size());
  reference<MaxPoolForward<T>>(s)(integers<T>(inputs(s), 7), y, winners);
  return winners;
}

/// What a window divides by, counted: its taps inside the padded image, or inside the image alone.
int divisor(const PoolSizes& s, std::int64_t oy, std::int64_t ox) {
  const std::int64_t below = s.count_padding ? s.pad_bottom : 0, right = s.count_padding ? s.pad_right : 0;
  const std::int64_t above = s.count_padding ? s.pad_top : 0, left = s.count_padding ? s.pad_left : 0;
  int count = 0;
  for (std::int64_t ky = 0; ky < s.kernel_height; ++ky)
    for (std::int64_t kx = 0; kx < s.kernel_width; ++kx) {
      const std::int64_t iy = oy * s.stride_y - s.pad_top + ky, ix = ox * s.stride_x - s.pad_left + kx;
      count += iy >= -above && iy < s.in_height + below && ix >= -left && ix < s.in_width + right;
    }
  return count;
}

/// Averages of integers times this are exact: every divisor divides it.
template <class T>
T common_multiple(const PoolSizes& s) {
  int multiple = 1;
  for (std::int64_t oy = 0; oy < s.out_height; ++oy)
    for (std::int64_t ox = 0; ox < s.out_width; ++ox) multiple = std::lcm(multiple, divisor(s, oy, ox));
  return static_cast<T>(multiple);
}

template <class T>
std::vector<T> times(std::vector<T> data, T factor) {
  for (T& value : data) value *= factor;
  return data;
}

template <class Body>
void for_each_average(Body body) {
  for_each_shape([&](PoolSizes s) {
    for (const bool count_padding : {true, false}) {
      INFO("padding counts: ", count_padding);
      s.count_padding = count_padding;
      body(s);
    }
  });
}

}  // namespace

TEST_CASE_TEMPLATE("max pool: forward, where the first of equals wins", T, float, double) {
  for_each_shape([](const PoolSizes& s) {
    const auto x = integers<T>(inputs(s), 1, -3, 2);  // many ties; windows of negatives beside padding
    auto wanted = before<T>(s.outputs(), Write::set);
    Winners winners_wanted(wanted.size());
    reference<MaxPoolForward<T>>(s)(x, wanted, winners_wanted);
    for_each_implementation<MaxPoolForward<T>>(s, [&](const auto& run) {
      auto y = before<T>(s.outputs(), Write::set);
      Winners winners(y.size(), 0xee);
      run(x, y, winners);
      check_same(y, wanted);
      check_same(winners, winners_wanted);
      y = before<T>(s.outputs(), Write::set);
      run(x, y, static_cast<std::uint8_t*>(nullptr));
      check_same(y, wanted);
    });
  });
}

TEST_CASE_TEMPLATE("max pool: cases worked out by hand, with a NaN", T, float, double) {
  const T nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
  const PoolSizes s = pool(1, 3, 5, 1, 3, 2, 1);
  const std::vector<T> x = {-5,        -5,        1, 1, nan,  //
                            -5,        -6,        1, 2, nan,  //
                            -infinity, -infinity, 2, 2, 3};
  const std::vector<T> wanted = {-5, 2, nan, -5, 2, nan};
  const Winners winners_wanted = {4, 8, 4, 1, 2, 1};
  for_each_implementation<MaxPoolForward<T>>(s, [&](const auto& run) {
    std::vector<T> y(6);
    Winners winners(6);
    run(x, y, winners);
    check_same(y, wanted);
    check_same(winners, winners_wanted);
  });
}

TEST_CASE_TEMPLATE("max pool: replay with the winners of another input", T, float, double) {
  for_each_shape([](const PoolSizes& s) {
    const auto x = integers<T>(inputs(s), 1);
    const Winners winners = some_winners<T>(s);
    auto wanted = before<T>(s.outputs(), Write::set);
    reference<MaxPoolReplay<T>>(s)(x, winners, wanted);
    for_each_implementation<MaxPoolReplay<T>>(s, [&](const auto& run) {
      auto y = before<T>(s.outputs(), Write::set);
      run(x, winners, y);
      check_same(y, wanted);
    });
    // With its own winners, replay is the forward.
    std::vector<T> y(wanted.size()), replayed(wanted.size());
    Winners own(wanted.size());
    reference<MaxPoolForward<T>>(s)(x, y, own);
    for_each_implementation<MaxPoolReplay<T>>(s, [&](const auto& run) {
      run(x, own, replayed);
      check_same(replayed, y);
    });
  });
}

TEST_CASE_TEMPLATE("max pool: backward, and <Jv,u> = <v,J'u> with the winners held", T, float, double) {
  for_each_shape([](const PoolSizes& s) {
    const auto v = integers<T>(inputs(s), 1), u = integers<T>(s.outputs(), 2);
    const Winners winners = some_winners<T>(s);
    std::vector<T> jv(u.size());
    reference<MaxPoolReplay<T>>(s)(v, winners, jv);
    for (const Write write : writes) {
      auto wanted = before<T>(inputs(s), write);
      reference<MaxPoolBackward<T>>(s)(u, winners, wanted, write);
      for_each_implementation<MaxPoolBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(inputs(s), write);
        run(u, winners, dx, write);
        check_same(dx, wanted);
        if (write == Write::set) CHECK(dot(v, dx) == dot(jv, u));
      });
    }
  });
}

TEST_CASE_TEMPLATE("average pool: forward", T, float, double) {
  for_each_average([](const PoolSizes& s) {
    const auto x = times(integers<T>(inputs(s), 1), common_multiple<T>(s));
    std::vector<T> wanted;
    for (std::int64_t n = 0; n < s.batch; ++n)
      for (std::int64_t oy = 0; oy < s.out_height; ++oy)
        for (std::int64_t ox = 0; ox < s.out_width; ++ox)
          for (std::int64_t c = 0; c < s.channels; ++c) {
            T sum = 0;
            for (std::int64_t iy = 0; iy < s.in_height; ++iy)
              for (std::int64_t ix = 0; ix < s.in_width; ++ix) {
                const std::int64_t ky = iy + s.pad_top - oy * s.stride_y,
                                   kx = ix + s.pad_left - ox * s.stride_x;
                if (ky >= 0 && ky < s.kernel_height && kx >= 0 && kx < s.kernel_width)
                  sum += x[size(((n * s.in_height + iy) * s.in_width + ix) * s.channels + c)];
              }
            wanted.push_back(sum / static_cast<T>(divisor(s, oy, ox)));
          }
    for_each_implementation<AveragePoolForward<T>>(s, [&](const auto& run) {
      auto y = before<T>(s.outputs(), Write::set);
      run(x, y);
      check_same(y, wanted);
    });
  });
}

TEST_CASE_TEMPLATE("average pool: backward, and <Jv,u> = <v,J'u>", T, float, double) {
  for_each_average([](const PoolSizes& s) {
    const T multiple = common_multiple<T>(s);
    const auto v = times(integers<T>(inputs(s), 1), multiple),
               u = times(integers<T>(s.outputs(), 2), multiple);
    std::vector<T> jv(u.size());
    reference<AveragePoolForward<T>>(s)(v, jv);
    for (const Write write : writes) {
      auto wanted = before<T>(inputs(s), write);
      reference<AveragePoolBackward<T>>(s)(u, wanted, write);
      for_each_implementation<AveragePoolBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(inputs(s), write);
        run(u, dx, write);
        check_same(dx, wanted);
        if (write == Write::set) CHECK(dot(v, dx) == dot(jv, u));
      });
    }
  });
}

TEST_CASE_TEMPLATE("pooling: the same bits for any number of threads and any schedule", T, float, double) {
  for_each_shape([](const PoolSizes& s) {
    const auto x = reals<T>(inputs(s), 1), dy = reals<T>(s.outputs(), 2);
    const Winners winners = some_winners<T>(s);
    SameBits<T> same_max, same_y, same_dx;
    for_each_implementation<MaxPoolBackward<T>>(s, [&](const auto& run) {
      std::vector<T> dx(x.size());
      run(dy, winners, dx, Write::set);
      same_max.check(run, dx);
    });
    for_each_implementation<AveragePoolForward<T>>(s, [&](const auto& run) {
      std::vector<T> y(dy.size());
      run(x, y);
      same_y.check(run, y);
    });
    for_each_implementation<AveragePoolBackward<T>>(s, [&](const auto& run) {
      std::vector<T> dx(x.size());
      run(dy, dx, Write::set);
      same_dx.check(run, dx);
    });
  });
}
