#include <cmath>

#include "epilogues.h"
#include "shapes.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

struct Counts {
  std::int64_t x, y, w, bias;
  explicit Counts(const ConvSizes& s)
      : x(s.batch * s.in_height * s.in_width * s.in_channels),
        y(s.batch * s.out_height * s.out_width * s.out_channels),
        w(s.weights()),
        bias(s.out_channels) {}
};

template <class Body>
void for_each_shape(Body body) {
  for (const ConvSizes& s : conv_shapes()) {
    INFO("batch ", s.batch, ", in ", s.in_height, "x", s.in_width, "x", s.in_channels, ", out ", s.out_height,
         "x", s.out_width, "x", s.out_channels, ", kernel ", s.kernel_height, "x", s.kernel_width,
         ", stride ", s.stride_y, ", pad ", s.pad_top, ", dilation ", s.dilation_y, ", groups ", s.groups);
    body(s, Counts(s));
  }
}

/// Shapes whose tiles are transformed in several groups, and whose sums come in several chunks.
std::vector<ConvSizes> transformed_shapes() {
  std::vector<ConvSizes> shapes = conv_shapes();
  shapes.push_back(conv({4, 16, 16, 512, 48, 3, 1, 1}));
  shapes.push_back(conv({4, 16, 16, 48, 512, 3, 1, 1}));
  return shapes;
}

/// The largest difference to what is right, in units of its root mean square.
template <class T>
double largest_error(const std::vector<T>& got, const std::vector<double>& right) {
  double largest = 0, squares = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(got[i]) - right[i]));
    squares += right[i] * right[i];
  }
  return largest / std::sqrt(squares / static_cast<double>(right.size()));
}

template <class T>
std::vector<double> wide(const std::vector<T>& data) {
  return {data.begin(), data.end()};
}

/// Whether a kernel that transforms keeps to what its table says, or to twice what the plain sum loses; in
/// double, to as many more digits. `right`: in float64, `plain`: by the reference in T.
template <class Contract>
void check_error(const Runner<Contract>& run, const std::vector<typename Contract::Element>& got,
                 const std::vector<double>& right, const std::vector<typename Contract::Element>& plain) {
  using T = typename Contract::Element;
  constexpr double digits = std::numeric_limits<T>::epsilon() / std::numeric_limits<float>::epsilon();
  CHECK(largest_error(got, right) <=
        (run.exact() && std::is_same_v<T, float> ? 2 * largest_error(plain, right)
         : run.exact()                           ? 1e-5 * digits
                                                 : run.entry().arithmetic.largest_error * digits));
}

}  // namespace

TEST_CASE_TEMPLATE("convolution: the error of kernels that transform", T, float, double) {
  for (const ConvSizes& s : std::is_same_v<T, float> ? transformed_shapes() : conv_shapes()) {
    if (s.kernel_height != 3) continue;
    const Counts n(s);
    const auto x = reals<T>(n.x, 1), w = reals<T>(n.w, 2), dy = reals<T>(n.y, 3);
    std::vector<T> y(size(n.y)), y_plain, dx(size(n.x)), dx_plain;
    std::vector<double> y_right, dx_right;
    for_each_implementation<ConvForward<T>>(s, [&](const auto& run) {
      if (run.entry().arithmetic.plain) return;
      if (y_right.empty()) {
        y_right.resize(size(n.y)), y_plain.resize(size(n.y));
        reference<ConvForward<double>>(s)(wide(x), wide(w), Epilogue<double>{}, y_right);
        reference<ConvForward<T>>(s)(x, w, Epilogue<T>{}, y_plain);
      }
      run(x, run.weights(w), Epilogue<T>{}, y);
      check_error(run, y, y_right, y_plain);
    });
    for_each_implementation<ConvBackwardData<T>>(s, [&](const auto& run) {
      if (run.entry().arithmetic.plain) return;
      if (dx_right.empty()) {
        dx_right.resize(size(n.x)), dx_plain.resize(size(n.x));
        reference<ConvBackwardData<double>>(s)(wide(dy), wide(w), dx_right, Gate{});
        reference<ConvBackwardData<T>>(s)(dy, w, dx_plain, Gate{});
      }
      run(dy, run.weights(w), dx, Gate{});
      check_error(run, dx, dx_right, dx_plain);
    });
  }
}

TEST_CASE_TEMPLATE("convolution: forward, with every epilogue", T, float, double) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto x = integers<T>(n.x, 1), w = integers<T>(n.w, 2);
    check_epilogues<ConvForward<T>>(s, {n.y / n.bias, n.bias}, x, w);
  });
}

TEST_CASE_TEMPLATE("convolution: backward to the data, with every gate", T, float, double) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto dy = integers<T>(n.y, 1), w = integers<T>(n.w, 2);
    check_gates<ConvBackwardData<T>>(s, {n.x / s.in_channels, s.in_channels}, dy, w);
  });
}

TEST_CASE_TEMPLATE("convolution: an epilogue or a gate gives the bits of the kernels it stands for", T, float,
                   double) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto x = reals<T>(n.x, 1), w = reals<T>(n.w, 2), dy = reals<T>(n.y, 4);
    check_fusion<ConvForward<T>>(s, {n.y / n.bias, n.bias}, x, w);
    check_gate_fusion<ConvBackwardData<T>>(s, {n.x / s.in_channels, s.in_channels}, dy, w);
  });
}

TEST_CASE_TEMPLATE("convolution: backward to the weights", T, float, double) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto x = integers<T>(n.x, 1), dy = integers<T>(n.y, 2);
    for (const Write write : writes) {
      auto dw_wanted = before<T>(n.w, write), db_wanted = before<T>(n.bias, write);
      reference<ConvBackwardWeights<T>>(s)(x, dy, dw_wanted, db_wanted, write);
      for_each_implementation<ConvBackwardWeights<T>>(s, [&](const auto& run) {
        auto dw = before<T>(n.w, write), db = before<T>(n.bias, write);
        run(x, dy, dw, db, write);
        check_same(dw, dw_wanted);
        check_same(db, db_wanted);
        dw = before<T>(n.w, write);
        run(x, dy, dw, static_cast<T*>(nullptr), write);
        check_same(dw, dw_wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("convolution: <Jv,u> = <v,J'u> for the data, the weights and the bias", T, float, double) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto x = integers<T>(n.x, 1), w = integers<T>(n.w, 2), bias = integers<T>(n.bias, 3),
               u = integers<T>(n.y, 4);
    // y = J_x x = J_w w without bias; with zero weights y is linear in the bias.
    const Epilogue<T> no_bias, with_bias{.bias = bias.data()};
    std::vector<T> y(size(n.y)), y_bias(size(n.y));
    reference<ConvForward<T>>(s)(x, w, no_bias, y);
    reference<ConvForward<T>>(s)(x, std::vector<T>(w.size()), with_bias, y_bias);
    for_each_implementation<ConvForward<T>>(s, [&](const auto& run) {
      if (!run.exact()) return;
      std::vector<T> z(size(n.y));
      run(x, run.weights(w), no_bias, z);
      CHECK(dot(z, u) == dot(y, u));
    });
    for_each_implementation<ConvBackwardData<T>>(s, [&](const auto& run) {
      if (!run.exact()) return;
      std::vector<T> dx(size(n.x));
      run(u, run.weights(w), dx, Gate{});
      CHECK(dot(x, dx) == dot(y, u));
    });
    for_each_implementation<ConvBackwardWeights<T>>(s, [&](const auto& run) {
      std::vector<T> dw(size(n.w)), db(size(n.bias));
      run(x, u, dw, db, Write::set);
      CHECK(dot(w, dw) == dot(y, u));
      CHECK(dot(bias, db) == dot(y_bias, u));
    });
  });
}

TEST_CASE_TEMPLATE("convolution: a case worked out by hand", T, float, double) {
  // One 2×3 image of one channel, a 2×2 kernel, padding 1 at the top and left only, stride 1.
  ConvSizes s;
  s.in_height = 2, s.in_width = 3, s.out_height = 2, s.out_width = 3, s.kernel_height = s.kernel_width = 2;
  s.pad_top = s.pad_left = 1;
  const std::vector<T> x = {1, 2, 3, 4, 5, 6}, w = {1, 10, 100, 1000}, bias = {7};
  const std::vector<T> y_wanted = {1007, 2107, 3207, 4017, 5428, 6539};
  for_each_implementation<ConvForward<T>>(s, [&](const auto& run) {
    std::vector<T> y(6);
    run(x, run.weights(w), Epilogue<T>{.bias = bias.data()}, y);
    check_same(y, y_wanted);
  });
}

TEST_CASE_TEMPLATE("convolution: the same bits for any number of threads, any schedule, any batch", T, float,
                   double) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto x = reals<T>(n.x, 1), w = reals<T>(n.w, 2), bias = reals<T>(n.bias, 3), dy = reals<T>(n.y, 4);
    const Epilogue<T> epilogue{.bias = bias.data()};
    SameBits<T> same_y, same_dx, same_dw, same_db;
    ConvSizes one = s;
    one.batch = 1;
    for_each_implementation<ConvForward<T>>(s, [&](const auto& run) {
      std::vector<T> y(size(n.y)), split(size(n.y) + 1);  // one element off: another alignment
      const auto prepared = run.weights(w);
      run(x, prepared, epilogue, y);
      same_y.check(run, y);
      const Runner<ConvForward<T>> single(run.entry(), one);
      for (std::int64_t i = 0; i < s.batch; ++i)
        single(x.data() + i * n.x / s.batch, prepared, epilogue, split.data() + 1 + i * n.y / s.batch);
      split.erase(split.begin());
      check_same(split, y);
    });
    for_each_implementation<ConvBackwardData<T>>(s, [&](const auto& run) {
      std::vector<T> dx(size(n.x)), split(size(n.x) + 1);
      const auto prepared = run.weights(w);
      run(dy, prepared, dx, Gate{});
      same_dx.check(run, dx);
      const Runner<ConvBackwardData<T>> single(run.entry(), one);
      for (std::int64_t i = 0; i < s.batch; ++i)
        single(dy.data() + i * n.y / s.batch, prepared, split.data() + 1 + i * n.x / s.batch, Gate{});
      split.erase(split.begin());
      check_same(split, dx);
    });
    for_each_implementation<ConvBackwardWeights<T>>(s, [&](const auto& run) {
      std::vector<T> dw(size(n.w)), db(size(n.bias));
      run(x, dy, dw, db, Write::set);
      same_dw.check(run, dw);
      same_db.check(run, db);
    });
  });
}

TEST_CASE_TEMPLATE("convolution: what is prepared serves images of every size, and batches", T, float) {
  for_each_shape([](const ConvSizes& s, const Counts& n) {
    const auto w = reals<T>(n.w, 1);
    ConvSizes larger = s, smallest = s;
    larger.batch += 1, larger.in_height += s.stride_y, larger.out_height += 1;
    smallest.in_height = smallest.in_width = smallest.out_height = smallest.out_width = 1;
    const auto check = [&](const auto& run) {
      for (const ConvSizes& other : {larger, smallest})
        CHECK((std::remove_cvref_t<decltype(run)>(run.entry(), other).weights(w) == run.weights(w)));
    };
    for_each_implementation<ConvForward<T>>(s, check);
    for_each_implementation<ConvBackwardData<T>>(s, check);
  });
}
