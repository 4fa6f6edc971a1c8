#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

TEST_CASE_TEMPLATE("add: y = a + b, where y may be a or b", T, float, double) {
  for (const std::int64_t count : counts()) {
    INFO(count, " elements");
    const auto a = integers<T>(count, 1), b = integers<T>(count, 2);
    std::vector<T> wanted(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) wanted[i] = a[i] + b[i];
    for_each_implementation<Add<T>>({count}, [&](const auto& run) {
      auto y = before<T>(count, Write::set);
      run(a, b, y);
      check_same(y, wanted);
      y = a;
      run(y, b, y);
      check_same(y, wanted);
      y = b;
      run(a, y, y);
      check_same(y, wanted);
    });
  }
}

TEST_CASE_TEMPLATE("accumulate: y = x and y += x", T, float, double) {
  for (const std::int64_t count : counts())
    for (const Write write : writes) {
      INFO(count, " elements");
      const auto x = integers<T>(count, 1);
      auto wanted = before<T>(count, write);
      for (std::size_t i = 0; i < x.size(); ++i) wanted[i] = write == Write::add ? wanted[i] + x[i] : x[i];
      for_each_implementation<Accumulate<T>>({count}, [&](const auto& run) {
        auto y = before<T>(count, write);
        run(x, y, write);
        check_same(y, wanted);
      });
    }
}
