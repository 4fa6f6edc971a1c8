#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

TEST_CASE_TEMPLATE("sgd: two steps worked out by hand", T, float, double) {
  // rate 1/2, momentum 1/2, decay 1/4, all exact.
  for_each_implementation<SgdUpdate<T>>({2}, [&](const auto& run) {
    std::vector<T> w = {4, -8}, velocity = {0, 0};
    const typename SgdUpdate<T>::Rates rates{0.5, 0.5, 0.25};
    run(rates, std::vector<T>{3, 6}, velocity, w);
    check_same(velocity, {4, 4});  // 3 + 4/4, 6 − 8/4
    check_same(w, {2, -10});
    run(rates, std::vector<T>{0.5, 0}, velocity, w);
    check_same(velocity, {3, -0.5});  // 4/2 + 0.5 + 2/4, 4/2 − 10/4
    check_same(w, {0.5, -9.75});
  });
}

TEST_CASE_TEMPLATE("adamw: two steps worked out by hand", T, float, double) {
  // β₁ = 1/2, β₂ = 3/4, ε = 0: in the first step m/(1 − β₁) is the gradient and √(v/(1 − β₂)) its size.
  for_each_implementation<AdamWUpdate<T>>({2}, [&](const auto& run) {
    std::vector<T> w = {4, -8}, m = {0, 0}, v = {0, 0};
    run(typename AdamWUpdate<T>::Rates{0.5, 0.5, 0.75, 0, 0.25, 1}, std::vector<T>{3, -6}, m, v, w);
    check_same(m, {1.5, -3});
    check_same(v, {2.25, 9});
    check_same(w, {3, -6.5});  // 4·7/8 − 1/2, −8·7/8 + 1/2
    // m = 1.5/2 + 5/2 = 3.25, m/(1 − 1/4) = 13/3; v = 2.25·3/4 + 25/4 = 7.9375, v/(1 − 9/16) = 127/7
    run(typename AdamWUpdate<T>::Rates{0.5, 0.5, 0.75, 0, 0, 2}, std::vector<T>{5, 0}, m, v, w);
    check_same(m, {3.25, -1.5});
    check_same(v, {7.9375, 6.75});
    const double wanted[] = {3 - 0.5 * (13.0 / 3) / std::sqrt(127.0 / 7),
                             -6.5 + 0.5 * 2 / std::sqrt(108.0 / 7)};
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(static_cast<double>(w[i]) ==
            doctest::Approx(wanted[i]).epsilon(8 * std::numeric_limits<T>::epsilon()));
  });
}

TEST_CASE_TEMPLATE("adamw: epsilon keeps a gradient of zero from moving anything", T, float, double) {
  for_each_implementation<AdamWUpdate<T>>({1}, [&](const auto& run) {
    std::vector<T> w = {4}, m = {0}, v = {0};
    run(typename AdamWUpdate<T>::Rates{0.5, 0.9, 0.999, 1e-8, 0, 1}, std::vector<T>{0}, m, v, w);
    check_same(w, {4});
  });
}

TEST_CASE_TEMPLATE("updates: the reference's bits for any size and number of threads", T, float, double) {
  for (const std::int64_t count : counts()) {
    INFO(count, " elements");
    const auto dw = reals<T>(count, 1), w_before = reals<T>(count, 2), m_before = reals<T>(count, 3);
    auto v_before = reals<T>(count, 4);
    for (T& value : v_before) value *= value;
    const typename SgdUpdate<T>::Rates sgd{0.1, 0.9, 0.01};
    const typename AdamWUpdate<T>::Rates adamw{0.1, 0.9, 0.999, 1e-8, 0.01, 7};
    auto sgd_w = w_before, sgd_velocity = m_before, adamw_w = w_before, adamw_m = m_before,
         adamw_v = v_before;
    reference<SgdUpdate<T>>({count})(sgd, dw, sgd_velocity, sgd_w);
    reference<AdamWUpdate<T>>({count})(adamw, dw, adamw_m, adamw_v, adamw_w);
    for_each_implementation<SgdUpdate<T>>({count}, [&](const auto& run) {
      auto w = w_before, velocity = m_before;
      run(sgd, dw, velocity, w);
      check_same(w, sgd_w);
      check_same(velocity, sgd_velocity);
    });
    for_each_implementation<AdamWUpdate<T>>({count}, [&](const auto& run) {
      auto w = w_before, m = m_before, v = v_before;
      run(adamw, dw, m, v, w);
      check_same(w, adamw_w);
      check_same(m, adamw_m);
      check_same(v, adamw_v);
    });
  }
}
