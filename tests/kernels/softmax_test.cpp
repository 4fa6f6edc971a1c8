#include <cmath>

#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

constexpr SoftmaxSizes shapes[] = {{1, 1}, {1, 2}, {3, 10}, {2, 1000}};

template <class Body>
void for_each_shape(Body body) {
  for (const SoftmaxSizes& s : shapes) {
    INFO("batch ", s.batch, ", classes ", s.classes);
    body(s, s.batch * s.classes);
  }
}

/// Logits of [−8, 8), some rows of them shifted to where exp of them would overflow.
template <class T>
std::vector<T> logits(const SoftmaxSizes& s) {
  auto x = reals<T>(s.batch * s.classes, 1);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] * 8 + (i / size(s.classes) % 2 ? T(2048) : T(0));
  return x;
}

template <class T>
std::vector<T> labels(const SoftmaxSizes& s) {
  return integers<T>(s.batch, 2, 0, static_cast<int>(s.classes) - 1);
}

/// Softmax and its log-sum-exp of a row, in long double.
struct Exact {
  std::vector<long double> p;
  long double log_sum = 0;
};

template <class T>
Exact exact(const std::vector<T>& x, std::int64_t row, std::int64_t classes) {
  Exact result;
  const T* first = x.data() + row * classes;
  const long double shift = first[0];
  long double sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) {
    result.p.push_back(std::exp(static_cast<long double>(first[k]) - shift));
    sum += result.p.back();
  }
  for (long double& p : result.p) p /= sum;
  result.log_sum = std::log(sum) + shift;
  return result;
}

/// A probability is exp of a difference that one rounding of at most 8 ulp of 16 precedes, over a sum of
/// them.
template <class T>
void check_probabilities(const SoftmaxSizes& s, const std::vector<T>& x, const std::vector<T>& p) {
  for (std::int64_t n = 0; n < s.batch; ++n) {
    const Exact row = exact(x, n, s.classes);
    for (std::int64_t k = 0; k < s.classes; ++k) {
      const long double wanted = row.p[size(k)];
      CHECK(std::abs(static_cast<long double>(p[size(n * s.classes + k)]) - wanted) <=
            32 * static_cast<long double>(std::numeric_limits<T>::epsilon()) * wanted);
    }
  }
}

/// Probabilities that lose no bits: sixteenths.
template <class T>
std::vector<T> sixteenths(std::int64_t count) {
  auto p = integers<T>(count, 3, 0, 16);
  for (T& value : p) value /= 16;
  return p;
}

}  // namespace

TEST_CASE_TEMPLATE("softmax: forward against long double", T, float, double) {
  for_each_shape([](const SoftmaxSizes& s, std::int64_t count) {
    const auto x = logits<T>(s);
    for_each_implementation<SoftmaxForward<T>>(s, [&](const auto& run) {
      auto p = before<T>(count, Write::set);
      run(x, p);
      check_probabilities(s, x, p);
    });
  });
}

TEST_CASE_TEMPLATE("softmax: backward, set and added", T, float, double) {
  for_each_shape([](const SoftmaxSizes& s, std::int64_t count) {
    const auto p = sixteenths<T>(count), dp = integers<T>(count, 4);
    for (const Write write : writes) {
      auto wanted = before<T>(count, write);
      for (std::size_t n = 0; n < size(s.batch); ++n) {
        T sum = 0;
        for (std::size_t k = n * size(s.classes); k < (n + 1) * size(s.classes); ++k) sum += dp[k] * p[k];
        for (std::size_t k = n * size(s.classes); k < (n + 1) * size(s.classes); ++k)
          wanted[k] = (write == Write::add ? wanted[k] : T(0)) + p[k] * (dp[k] - sum);
      }
      for_each_implementation<SoftmaxBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(count, write);
        run(p, dp, dx, write);
        check_same(dx, wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("cross-entropy: forward against long double", T, float, double) {
  for_each_shape([](const SoftmaxSizes& s, std::int64_t count) {
    const auto x = logits<T>(s), label = labels<T>(s);
    for_each_implementation<CrossEntropyForward<T>>(s, [&](const auto& run) {
      auto loss = before<T>(s.batch, Write::set), p = before<T>(count, Write::set);
      run(x, label, loss, p);
      check_probabilities(s, x, p);
      for (std::int64_t n = 0; n < s.batch; ++n) {
        const Exact row = exact(x, n, s.classes);
        const long double logit = x[size(n * s.classes + static_cast<std::int64_t>(label[size(n)]))];
        // The loss is a difference of two numbers as large as the largest logit.
        const long double scale = std::abs(row.log_sum) + std::abs(logit) + 1;
        CHECK(std::abs(static_cast<long double>(loss[size(n)]) - (row.log_sum - logit)) <=
              4 * static_cast<long double>(std::numeric_limits<T>::epsilon()) * scale);
      }
      auto alone = before<T>(s.batch, Write::set);
      run(x, label, alone, static_cast<T*>(nullptr));
      check_same(alone, loss);
    });
  });
}

TEST_CASE_TEMPLATE("cross-entropy: backward, set and added", T, float, double) {
  for_each_shape([](const SoftmaxSizes& s, std::int64_t count) {
    const auto p = sixteenths<T>(count), label = labels<T>(s), dloss = integers<T>(s.batch, 5);
    for (const Write write : writes) {
      auto wanted = before<T>(count, write);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::size_t n = i / size(s.classes), k = i % size(s.classes);
        const T value = dloss[n] * (p[i] - T(static_cast<std::size_t>(label[n]) == k));
        wanted[i] = write == Write::add ? wanted[i] + value : value;
      }
      for_each_implementation<CrossEntropyBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(count, write);
        run(p, label, dloss, dx, write);
        check_same(dx, wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("soft cross-entropy of whole classes is cross-entropy", T, float, double) {
  for_each_shape([](const SoftmaxSizes& s, std::int64_t count) {
    const auto x = logits<T>(s), label = labels<T>(s), dloss = reals<T>(s.batch, 3);
    std::vector<T> target(size(count)), loss_wanted(size(s.batch)), p_wanted(size(count));
    for (std::int64_t n = 0; n < s.batch; ++n)
      target[size(n * s.classes) + static_cast<std::size_t>(label[size(n)])] = 1;
    reference<CrossEntropyForward<T>>(s)(x, label, loss_wanted, p_wanted);
    for_each_implementation<SoftCrossEntropyForward<T>>(s, [&](const auto& run) {
      std::vector<T> loss(size(s.batch)), p(size(count));
      run(x, target, loss, p);
      check_same(loss, loss_wanted);
      check_same(p, p_wanted);
      run(x, target, loss, static_cast<T*>(nullptr));
      check_same(loss, loss_wanted);
    });
    const auto shares = sixteenths<T>(count);
    for (const Write write : writes) {
      auto wanted = before<T>(count, write);
      reference<CrossEntropyBackward<T>>(s)(shares, label, dloss, wanted, write);
      for_each_implementation<SoftCrossEntropyBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(count, write);
        run(shares, target, dloss, dx, write);
        check_same(dx, wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("soft cross-entropy: a case worked out by hand", T, float, double) {
  // Two equal logits: p = 1/2 each, loss = (3/4 + 1/2)·log 2; the shares need not add up to 1.
  for_each_implementation<SoftCrossEntropyForward<T>>({1, 2}, [&](const auto& run) {
    std::vector<T> loss(1), p(2);
    run(std::vector<T>{3, 3}, std::vector<T>{0.75, 0.5}, loss, p);
    CHECK(static_cast<double>(loss[0]) ==
          doctest::Approx(1.25 * std::log(2.0)).epsilon(4 * std::numeric_limits<T>::epsilon()));
    check_same(p, {0.5, 0.5});
  });
  for_each_implementation<SoftCrossEntropyBackward<T>>({1, 2}, [&](const auto& run) {
    std::vector<T> dx(2);
    run(std::vector<T>{0.25, 0.75}, std::vector<T>{0.75, 0.5}, std::vector<T>{2}, dx, Write::set);
    check_same(dx, {-0.875, 0.875});  // 2·(1/4·5/4 − 3/4), 2·(3/4·5/4 − 1/2)
  });
}
