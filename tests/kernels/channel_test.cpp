#include <cmath>

#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

// Rows are powers of two, so that the mean of integers is exact; 16 channels are a task of the processor's
// kernels.
constexpr ChannelSizes shapes[] = {{1, 1}, {1, 17}, {2, 3}, {8, 16}, {16, 33}, {64, 5}, {4096, 7}};

template <class Body>
void for_each_shape(Body body) {
  for (const ChannelSizes& s : shapes) {
    INFO(s.rows, " rows of ", s.channels);
    body(s);
  }
}

/// ±1, ±2, ±4 …: factors that lose no bits.
template <class T>
std::vector<T> powers(std::int64_t count, unsigned seed) {
  auto data = integers<T>(count, seed, -2, 2);
  for (T& value : data) value = std::ldexp(value < 0 ? T(-1) : T(1), static_cast<int>(value));
  return data;
}

template <class T>
void check_close(const std::vector<T>& got, const std::vector<double>& wanted, double tolerance) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(std::abs(static_cast<double>(got[i]) - wanted[i]) <= tolerance * std::numeric_limits<T>::epsilon());
}

}  // namespace

TEST_CASE_TEMPLATE("channel affine: set and added, with and without shift, in place", T, float, double) {
  for_each_shape([](const ChannelSizes& s) {
    const std::int64_t count = s.rows * s.channels;
    const auto x = integers<T>(count, 1), scale = integers<T>(s.channels, 2),
               shift = integers<T>(s.channels, 3);
    for (const T* b : {static_cast<const T*>(nullptr), shift.data()})
      for (const Write write : writes) {
        auto wanted = before<T>(count, write);
        for (std::size_t i = 0; i < x.size(); ++i) {
          const std::size_t c = i % size(s.channels);
          const T value = x[i] * scale[c] + (b ? b[c] : T(0));
          wanted[i] = write == Write::add ? wanted[i] + value : value;
        }
        for_each_implementation<ChannelAffine<T>>(s, [&](const auto& run) {
          auto y = before<T>(count, write);
          run(x, scale, b, y, write);
          check_same(y, wanted);
          if (write == Write::add) return;
          y = x;
          run(y, scale, b, y, write);
          check_same(y, wanted);
        });
      }
  });
}

TEST_CASE_TEMPLATE("channel affine: without shift it is its own adjoint", T, float, double) {
  for_each_shape([](const ChannelSizes& s) {
    const std::int64_t count = s.rows * s.channels;
    const auto v = integers<T>(count, 1), u = integers<T>(count, 2), scale = integers<T>(s.channels, 3);
    const T* const none = nullptr;
    std::vector<T> jv(v.size());
    reference<ChannelAffine<T>>(s)(v, scale, none, jv, Write::set);
    for_each_implementation<ChannelAffine<T>>(s, [&](const auto& run) {
      std::vector<T> back(v.size());
      run(u, scale, none, back, Write::set);
      CHECK(dot(v, back) == dot(jv, u));
    });
  });
}

TEST_CASE_TEMPLATE("norm scale: gamma / sqrt(variance + epsilon)", T, float, double) {
  const ChannelSizes s{1, 4};
  const std::vector<T> gamma = {1, -6, 3, 0}, beta = {0, 5, -2, 7}, mean = {3, 2, 0, -8},
                       variance = {3, 15, 63, 0};
  const std::vector<T> scale_wanted = {0.5, -1.5, 0.375, 0}, shift_wanted = {-1.5, 8, -2, 7};
  const std::vector<T> inverse_wanted = {0.5, 0.25, 0.125, 1};
  for_each_implementation<NormScale<T>>(s, [&](const auto& run) {
    std::vector<T> scale(4), shift(4), inverse(4);
    run(gamma, beta, mean, variance, 1.0, scale, shift, inverse);
    check_same(scale, scale_wanted);
    check_same(shift, shift_wanted);
    check_same(inverse, inverse_wanted);
    std::fill(scale.begin(), scale.end(), T(9));
    run(gamma, beta, mean, variance, 1.0, scale, shift, static_cast<T*>(nullptr));
    check_same(scale, scale_wanted);
  });
}

TEST_CASE_TEMPLATE("running moments: momentum and the unbiased variance", T, float, double) {
  const std::vector<T> mean = {4, -8}, variance = {16, 0};
  for_each_implementation<RunningMoments<T>>({5, 2}, [&](const auto& run) {
    std::vector<T> running_mean = {8, 4}, running_variance = {4, 8};
    run(mean, variance, 0.25, running_mean, running_variance);
    check_same(running_mean, {7, 1});
    check_same(running_variance, {8, 6});  // 0.75·4 + 0.25·16·5/4
  });
}

TEST_CASE_TEMPLATE("channel moments: exact where they can be, close to float64 elsewhere", T, float, double) {
  for_each_shape([](const ChannelSizes& s) {
    const auto x = integers<T>(s.rows * s.channels, 1);
    std::vector<T> mean_wanted(size(s.channels)), variance_wanted(size(s.channels));
    for (std::size_t c = 0; c < mean_wanted.size(); ++c) {
      double sum = 0, squares = 0;
      for (std::size_t r = 0; r < size(s.rows); ++r) {
        const auto value = static_cast<double>(x[r * mean_wanted.size() + c]);
        sum += value;
        squares += value * value;
      }
      const double rows = static_cast<double>(s.rows), mean = sum / rows;
      mean_wanted[c] = static_cast<T>(mean);
      variance_wanted[c] = static_cast<T>(squares / rows - mean * mean);
    }
    for_each_implementation<ChannelMoments<T>>(s, [&](const auto& run) {
      auto mean = before<T>(s.channels, Write::set), variance = before<T>(s.channels, Write::set);
      run(x, mean, variance);
      check_same(mean, mean_wanted);
      if (s.rows <= 64) check_same(variance, variance_wanted);
      check_close(variance, std::vector<double>(variance_wanted.begin(), variance_wanted.end()), 1e4);
    });
  });
}

TEST_CASE_TEMPLATE("norm gradient sums", T, float, double) {
  for_each_shape([](const ChannelSizes& s) {
    const std::int64_t count = s.rows * s.channels;
    const auto x = integers<T>(count, 1), dy = integers<T>(count, 2), mean = integers<T>(s.channels, 3);
    const auto inverse = powers<T>(s.channels, 4);
    std::vector<T> sum_wanted(mean.size()), dot_wanted(mean.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i % mean.size();
      sum_wanted[c] += dy[i];
      dot_wanted[c] += dy[i] * (x[i] - mean[c]) * inverse[c];
    }
    for_each_implementation<NormGradientSums<T>>(s, [&](const auto& run) {
      auto sum = before<T>(s.channels, Write::set), product = before<T>(s.channels, Write::set);
      run(x, dy, mean, inverse, sum, product);
      check_same(sum, sum_wanted);
      check_same(product, dot_wanted);
    });
  });
}

TEST_CASE_TEMPLATE("norm backward, set and added", T, float, double) {
  for_each_shape([](const ChannelSizes& s) {
    if (s.rows > 64) return;
    const std::int64_t count = s.rows * s.channels;
    const auto x = integers<T>(count, 1), dy = integers<T>(count, 2), mean = integers<T>(s.channels, 3);
    const auto inverse = powers<T>(s.channels, 4), scale = powers<T>(s.channels, 5);
    const auto sum = integers<T>(s.channels, 6), product = integers<T>(s.channels, 7);
    for (const Write write : writes) {
      auto wanted = before<T>(count, write);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % mean.size();
        const T rows = static_cast<T>(s.rows), normalized = (x[i] - mean[c]) * inverse[c];
        const T value = scale[c] * (dy[i] - sum[c] / rows - normalized * product[c] / rows);
        wanted[i] = write == Write::add ? wanted[i] + value : value;
      }
      for_each_implementation<NormBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(count, write);
        run(x, dy, mean, inverse, scale, sum, product, dx, write);
        check_same(dx, wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("batch normalisation: backward is the derivative of forward", T, double) {
  // Central differences of Σ u·γ·x̂(v) through the batch's own mean and variance.
  const ChannelSizes s{6, 3};
  const auto u = reals<T>(18, 1), gamma = reals<T>(3, 2);
  auto v = reals<T>(18, 3);
  const std::vector<T> zero(3);
  std::vector<T> mean(3), variance(3), scale(3), shift(3), inverse(3), sum(3), product(3), dv(18), y(18);
  const double epsilon = 1e-5, h = 1e-6;
  const auto value = [&] {
    reference<ChannelMoments<T>>(s)(v, mean, variance);
    reference<NormScale<T>>(s)(gamma, zero, mean, variance, epsilon, scale, shift, inverse);
    reference<ChannelAffine<T>>(s)(v, scale, shift, y, Write::set);
    return dot(y, u);
  };
  value();
  reference<NormGradientSums<T>>(s)(v, u, mean, inverse, sum, product);
  reference<NormBackward<T>>(s)(v, u, mean, inverse, scale, sum, product, dv, Write::set);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const T at = v[i];
    v[i] = at + h;
    const double above = value();
    v[i] = at - h;
    const double below = value();
    v[i] = at;
    CHECK(std::abs((above - below) / (2 * h) - dv[i]) < 1e-8);
  }
}

TEST_CASE_TEMPLATE("channel sums: the same bits for any number of threads", T, float, double) {
  const ChannelSizes s{1001, 37};
  const std::int64_t count = s.rows * s.channels;
  const auto x = reals<T>(count, 1), dy = reals<T>(count, 2), mean = reals<T>(s.channels, 3);
  SameBits<T> same_mean, same_variance, same_sum, same_dot, same_dx;
  for_each_implementation<ChannelMoments<T>>(s, [&](const auto& run) {
    std::vector<T> m(mean.size()), v(mean.size());
    run(x, m, v);
    same_mean.check(run, m);
    same_variance.check(run, v);
  });
  for_each_implementation<NormGradientSums<T>>(s, [&](const auto& run) {
    std::vector<T> sum(mean.size()), product(mean.size());
    run(x, dy, mean, mean, sum, product);
    same_sum.check(run, sum);
    same_dot.check(run, product);
  });
  for_each_implementation<NormBackward<T>>(s, [&](const auto& run) {
    std::vector<T> dx(x.size());
    run(x, dy, mean, mean, mean, mean, mean, dx, Write::set);
    same_dx.check(run, dx);
  });
}
