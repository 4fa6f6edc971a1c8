// Rank correlation and intervals, against values known from elsewhere.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "apps/evaluation/interval.h"
#include "apps/evaluation/rank_correlation.h"
#include "tests/apps/image_fixtures.h"

using namespace backlight;
using doctest::Approx;

TEST_CASE("equal values share the mean of their ranks") {
  CHECK((ranks(std::vector<double>{30, 10, 20, 10, 40}) == std::vector<double>{4, 1.5, 3, 1.5, 5}));
  CHECK((ranks(std::vector<double>{7, 7, 7}) == std::vector<double>{2, 2, 2}));
  CHECK(ranks({}).empty());
}

TEST_CASE("Spearman's rank correlation") {
  const std::vector<double> a{1, 2, 2, 3, 5}, b{2, 1, 4, 4, 4};
  CHECK(rank_correlation(a, std::vector<double>{1, 8, 8, 27, 125}) == Approx(1));  // only the order counts
  CHECK(rank_correlation(a, std::vector<double>{-1, -2, -2, -3, -5}) == Approx(-1));
  // By hand, from the ranks 1, 2.5, 2.5, 4, 5 and 2, 1, 4, 4, 4.
  CHECK(rank_correlation(a, b) == Approx(5.5 / std::sqrt(9.5 * 8)));
  CHECK(rank_correlation(b, a) == rank_correlation(a, b));
  CHECK(std::isnan(rank_correlation(a, std::vector<double>(5, 1.0))));
  CHECK(std::isnan(rank_correlation({}, {})));
  CHECK(error_of([&] { rank_correlation(a, std::vector<double>(4)); }) ==
        "a rank correlation of 5 with 4 values");
}

TEST_CASE("Wilson's interval of a share") {
  const Interval eight = wilson(std::vector<double>{1, 1, 1, 1, 0, 1, 1, 1, 0, 1});
  CHECK(eight.mean == Approx(0.8));
  CHECK(eight.low == Approx(0.4902).epsilon(1e-4));  // as R's prop.test(8, 10, correct = FALSE) has it
  CHECK(eight.high == Approx(0.9433).epsilon(1e-4));
  const Interval all = wilson(std::vector<double>(10, 1.0));
  CHECK(all.low == Approx(0.7225).epsilon(1e-4));
  CHECK(all.high == Approx(1));
}

TEST_CASE("the bootstrap's interval holds the true mean 95 times of 100") {
  std::mt19937_64 random(1);
  int held = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> values;
    for (int i = 0; i < 50; ++i)
      values.push_back(std::ldexp(static_cast<double>(random() >> 11), -53));  // 0 … 1
    const Interval interval = bootstrap(values, 7);
    CHECK(interval.low < interval.mean);
    CHECK(interval.mean < interval.high);
    held += interval.low < 0.5 && 0.5 < interval.high;
  }
  CHECK(held >= 180);  // 190 are expected, give or take 3
  CHECK(held <= 198);
}

TEST_CASE("intervals are the same for the same seed, and leave out what is no number") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values{0.1, nan, 0.4, 0.9, nan};
  const Interval once = bootstrap(values, 3), again = bootstrap(std::vector<double>{0.1, 0.4, 0.9}, 3);
  CHECK(once.count == 3);
  CHECK(once.mean == Approx(1.4 / 3));
  CHECK(once.low == again.low);
  CHECK(once.high == again.high);
  CHECK(wilson(values).count == 3);
  for (const Interval& none : {bootstrap(std::vector<double>{nan}, 3), wilson({})}) {
    CHECK(none.count == 0);
    CHECK(std::isnan(none.mean));
    CHECK(std::isnan(none.low));
  }
}
