#include "epilogues.h"
#include "shapes.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

template <class Body>
void for_each_shape(Body body) {
  for (const LinearSizes& s : linear_shapes()) {
    INFO("batch ", s.batch, ", in ", s.in, ", out ", s.out);
    body(s);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("linear: forward, with every epilogue", T, float, double) {
  for_each_shape([](const LinearSizes& s) {
    const auto x = integers<T>(s.batch * s.in, 1), w = integers<T>(s.out * s.in, 2);
    check_epilogues<LinearForward<T>>(s, {s.batch, s.out}, x, w);
  });
}

TEST_CASE_TEMPLATE("linear: backward to the data, with every gate", T, float, double) {
  for_each_shape([](const LinearSizes& s) {
    const auto dy = integers<T>(s.batch * s.out, 1), w = integers<T>(s.out * s.in, 2);
    check_gates<LinearBackwardData<T>>(s, {s.batch, s.in}, dy, w);
  });
}

TEST_CASE_TEMPLATE("linear: an epilogue or a gate gives the bits of the kernels it stands for", T, float,
                   double) {
  for_each_shape([](const LinearSizes& s) {
    const auto x = reals<T>(s.batch * s.in, 1), w = reals<T>(s.out * s.in, 2),
               dy = reals<T>(s.batch * s.out, 4);
    check_fusion<LinearForward<T>>(s, {s.batch, s.out}, x, w);
    check_gate_fusion<LinearBackwardData<T>>(s, {s.batch, s.in}, dy, w);
  });
}

TEST_CASE_TEMPLATE("linear: backward to the weights", T, float, double) {
  for_each_shape([](const LinearSizes& s) {
    const auto x = integers<T>(s.batch * s.in, 1), dy = integers<T>(s.batch * s.out, 2);
    for (const Write write : writes) {
      auto dw_wanted = before<T>(s.out * s.in, write), db_wanted = before<T>(s.out, write);
      reference<LinearBackwardWeights<T>>(s)(x, dy, dw_wanted, db_wanted, write);
      for_each_implementation<LinearBackwardWeights<T>>(s, [&](const auto& run) {
        auto dw = before<T>(s.out * s.in, write), db = before<T>(s.out, write);
        run(x, dy, dw, db, write);
        check_same(dw, dw_wanted);
        check_same(db, db_wanted);
        dw = before<T>(s.out * s.in, write);
        run(x, dy, dw, static_cast<T*>(nullptr), write);
        check_same(dw, dw_wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("linear: <Jv,u> = <v,J'u> for the data, the weights and the bias", T, float, double) {
  for_each_shape([](const LinearSizes& s) {
    const auto x = integers<T>(s.batch * s.in, 1), w = integers<T>(s.out * s.in, 2),
               bias = integers<T>(s.out, 3);
    const auto u = integers<T>(s.batch * s.out, 4);
    std::vector<T> y(u.size()), y_bias(u.size());
    reference<LinearForward<T>>(s)(x, w, Epilogue<T>{}, y);
    reference<LinearForward<T>>(s)(x, std::vector<T>(w.size()), Epilogue<T>{.bias = bias.data()}, y_bias);
    for_each_implementation<LinearBackwardData<T>>(s, [&](const auto& run) {
      std::vector<T> dx(x.size());
      run(u, run.weights(w), dx, Gate{});
      CHECK(dot(x, dx) == dot(y, u));
    });
    for_each_implementation<LinearBackwardWeights<T>>(s, [&](const auto& run) {
      std::vector<T> dw(w.size()), db(bias.size());
      run(x, u, dw, db, Write::set);
      CHECK(dot(w, dw) == dot(y, u));
      CHECK(dot(bias, db) == dot(y_bias, u));
    });
  });
}

TEST_CASE_TEMPLATE("linear: a case worked out by hand", T, float, double) {
  const LinearSizes s{2, 3, 2};
  const std::vector<T> x = {1, 2, 3, 4, 5, 6}, w = {1, 10, 100, 0, 0, 1}, bias = {7, -1};
  const std::vector<T> wanted = {328, 2, 661, 5};
  for_each_implementation<LinearForward<T>>(s, [&](const auto& run) {
    std::vector<T> y(4);
    run(x, run.weights(w), Epilogue<T>{.bias = bias.data()}, y);
    check_same(y, wanted);
  });
}

TEST_CASE_TEMPLATE("linear: the same bits for any number of threads, any schedule, any batch", T, float,
                   double) {
  for_each_shape([](const LinearSizes& s) {
    const auto x = reals<T>(s.batch * s.in, 1), w = reals<T>(s.out * s.in, 2), bias = reals<T>(s.out, 3);
    const auto dy = reals<T>(s.batch * s.out, 4);
    const Epilogue<T> epilogue{.bias = bias.data()};
    const LinearSizes one{1, s.in, s.out};
    SameBits<T> same_y, same_dx, same_dw, same_db;
    for_each_implementation<LinearForward<T>>(s, [&](const auto& run) {
      std::vector<T> y(dy.size()), split(dy.size() + 1);  // one element off: another alignment
      const auto prepared = run.weights(w);
      run(x, prepared, epilogue, y);
      same_y.check(run, y);
      const Runner<LinearForward<T>> single(run.entry(), one);
      for (std::int64_t i = 0; i < s.batch; ++i)
        single(x.data() + i * s.in, prepared, epilogue, split.data() + 1 + i * s.out);
      split.erase(split.begin());
      check_same(split, y);
    });
    for_each_implementation<LinearBackwardData<T>>(s, [&](const auto& run) {
      std::vector<T> dx(x.size()), split(x.size() + 1);
      const auto prepared = run.weights(w);
      run(dy, prepared, dx, Gate{});
      same_dx.check(run, dx);
      const Runner<LinearBackwardData<T>> single(run.entry(), one);
      for (std::int64_t i = 0; i < s.batch; ++i)
        single(dy.data() + i * s.out, prepared, split.data() + 1 + i * s.in, Gate{});
      split.erase(split.begin());
      check_same(split, dx);
    });
    for_each_implementation<LinearBackwardWeights<T>>(s, [&](const auto& run) {
      std::vector<T> dw(w.size()), db(bias.size());
      run(x, dy, dw, db, Write::set);
      same_dw.check(run, dw);
      same_db.check(run, db);
    });
  });
}
