#include <cmath>

#include "epilogues.h"
#include "shapes.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

template <class Body>
void for_each_shape(Body body) {
  for (const ReluSizes& s : relu_shapes()) {
    INFO(s.rows, " rows of ", s.channels);
    body(s);
  }
}

/// Bit c of a row = [x_c > 0], unused bits 0.
template <class T>
Mask mask_of(const ReluSizes& s, const std::vector<T>& x) {
  Mask mask(size(s.mask_bytes()), 0);
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.channels; ++c) {
      std::uint8_t& byte = mask[size(r * mask_row_bytes(s.channels) + c / 8)];
      if (x[size(r * s.channels + c)] > 0) byte = static_cast<std::uint8_t>(byte | 1u << c % 8);
    }
  return mask;
}

}  // namespace

TEST_CASE_TEMPLATE("relu: forward, its mask, and in place", T, float, double) {
  for_each_shape([](const ReluSizes& s) {
    auto x = integers<T>(s.count(), 1);
    if (s.count() > 8) x[3] = std::numeric_limits<T>::quiet_NaN(), x[5] = std::numeric_limits<T>::infinity();
    auto wanted = before<T>(s.count(), Write::set);
    Mask mask_wanted(size(s.mask_bytes()), 0xee);
    reference<ReluForward<T>>(s)(x, wanted, mask_wanted);
    check_same(mask_wanted, mask_of(s, x));
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK((x[i] != x[i] ? std::isnan(wanted[i]) : wanted[i] == std::max(x[i], T(0))));
    for_each_implementation<ReluForward<T>>(s, [&](const auto& run) {
      auto y = before<T>(s.count(), Write::set);
      Mask mask(size(s.mask_bytes()), 0xee);
      run(x, y, mask);
      check_same(y, wanted);
      check_same(mask, mask_wanted);
      y = x;
      run(y, y, static_cast<std::uint8_t*>(nullptr));
      check_same(y, wanted);
      y = x;
      mask.assign(mask.size(), 0xee);
      run(y, y, mask);
      check_same(y, wanted);
      check_same(mask, mask_wanted);
    });
  });
}

TEST_CASE_TEMPLATE("relu: replay with the signs of another input, and in place", T, float, double) {
  for_each_shape([](const ReluSizes& s) {
    const auto x = integers<T>(s.count(), 1), other = integers<T>(s.count(), 2);
    const Mask mask = mask_of(s, other);
    std::vector<T> wanted(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) wanted[i] = other[i] > 0 ? x[i] : T(0);
    for_each_implementation<ReluReplay<T>>(s, [&](const auto& run) {
      auto y = before<T>(s.count(), Write::set);
      run(x, mask, y);
      check_same(y, wanted);
      y = x;
      run(y, mask, y);
      check_same(y, wanted);
    });
  });
}

TEST_CASE_TEMPLATE("relu: backward by its three rules, set, added and in place", T, float, double) {
  for_each_shape([](const ReluSizes& s) {
    const auto x = integers<T>(s.count(), 1), g = integers<T>(s.count(), 2);
    const Mask mask = mask_of(s, x);
    for (const ReluRule rule : rules)
      for (const Write write : writes) {
        auto wanted = before<T>(s.count(), write);
        for (std::size_t i = 0; i < x.size(); ++i) {
          const T x_positive = x[i] > 0, g_positive = g[i] > 0;
          const T sent = rule == ReluRule::gradient ? g[i] * x_positive
                         : rule == ReluRule::guided ? g[i] * x_positive * g_positive
                                                    : g[i] * g_positive;
          wanted[i] = write == Write::add ? wanted[i] + sent : sent;
        }
        for_each_implementation<ReluBackward<T>>(s, [&](const auto& run) {
          INFO("rule ", static_cast<int>(rule));
          auto dx = before<T>(s.count(), write);
          run(rule, g, mask, dx, write);
          check_same(dx, wanted);
          if (write == Write::set) {
            dx = g;
            run(rule, dx, mask, dx, write);
            check_same(dx, wanted);
          }
          if (rule == ReluRule::deconvnet) {
            dx = before<T>(s.count(), write);
            run(rule, g, static_cast<const std::uint8_t*>(nullptr), dx, write);
            check_same(dx, wanted);
          }
        });
      }
  });
}

TEST_CASE_TEMPLATE("relu: <Jv,u> = <v,J'u> with the signs held", T, float, double) {
  for_each_shape([](const ReluSizes& s) {
    const auto v = integers<T>(s.count(), 1), u = integers<T>(s.count(), 2);
    const Mask mask = mask_of(s, integers<T>(s.count(), 3));
    std::vector<T> jv(v.size());
    reference<ReluReplay<T>>(s)(v, mask, jv);
    for_each_implementation<ReluBackward<T>>(s, [&](const auto& run) {
      std::vector<T> back(v.size());
      run(ReluRule::gradient, u, mask, back, Write::set);
      CHECK(dot(v, back) == dot(jv, u));
    });
  });
}
