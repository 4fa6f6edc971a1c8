#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

constexpr LayoutSizes shapes[] = {{1, 1, 1}, {2, 3, 5}, {3, 1, 7}, {1, 8, 1}, {2, 65, 49}};

template <class Body>
void for_each_shape(Body body) {
  for (const LayoutSizes& s : shapes) {
    INFO("batch ", s.batch, ", channels ", s.channels, ", pixels ", s.pixels);
    body(s, s.batch * s.channels * s.pixels);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("layout: channels first to channels last and back, set and added", T, float, double) {
  for_each_shape([](const LayoutSizes& s, std::int64_t count) {
    const auto first = integers<T>(count, 1);
    for (const Write write : writes) {
      auto last_wanted = before<T>(count, write), first_wanted = before<T>(count, write);
      std::vector<T> last(first.size());
      for (std::int64_t n = 0; n < s.batch; ++n)
        for (std::int64_t c = 0; c < s.channels; ++c)
          for (std::int64_t p = 0; p < s.pixels; ++p) {
            const std::size_t from = size((n * s.channels + c) * s.pixels + p);
            const std::size_t to = size((n * s.pixels + p) * s.channels + c);
            last[to] = first[from];
            last_wanted[to] = write == Write::add ? last_wanted[to] + first[from] : first[from];
            first_wanted[from] = write == Write::add ? first_wanted[from] + first[from] : first[from];
          }
      for_each_implementation<ToChannelsLast<T>>(s, [&](const auto& run) {
        auto got = before<T>(count, write);
        run(first, got, write);
        check_same(got, last_wanted);
      });
      for_each_implementation<ToChannelsFirst<T>>(s, [&](const auto& run) {
        auto got = before<T>(count, write);
        run(last, got, write);
        check_same(got, first_wanted);
      });
    }
  });
}

TEST_CASE_TEMPLATE("layout: each direction is the adjoint of the other", T, float, double) {
  for_each_shape([](const LayoutSizes& s, std::int64_t count) {
    const auto v = integers<T>(count, 1), u = integers<T>(count, 2);
    std::vector<T> jv(v.size());
    reference<ToChannelsLast<T>>(s)(v, jv, Write::set);
    for_each_implementation<ToChannelsFirst<T>>(s, [&](const auto& run) {
      std::vector<T> back(v.size());
      run(u, back, Write::set);
      CHECK(dot(v, back) == dot(jv, u));
    });
  });
}
