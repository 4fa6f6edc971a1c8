#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

std::int64_t inputs(const ShortcutSizes& s) { return s.batch * s.in_height * s.in_width * s.in_channels; }
std::int64_t outputs(const ShortcutSizes& s) { return s.batch * s.out_height * s.out_width * s.out_channels; }

template <class Body>
void for_each_shape(Body body) {
  for (const ShortcutSizes& s : shortcut_shapes()) {
    INFO("in ", s.in_height, "x", s.in_width, "x", s.in_channels, ", stride ", s.stride, ", pad ",
         s.pad_channels);
    body(s);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("shortcut: forward", T, float, double) {
  for_each_shape([](const ShortcutSizes& s) {
    const auto x = integers<T>(inputs(s), 1);
    std::vector<T> wanted(size(outputs(s)), T(0));
    for (std::int64_t i = 0; i < inputs(s); ++i) {
      const std::int64_t c = i % s.in_channels, ix = i / s.in_channels % s.in_width;
      const std::int64_t iy = i / s.in_channels / s.in_width % s.in_height,
                         n = i / s.in_channels / s.in_width / s.in_height;
      if (ix % s.stride == 0 && iy % s.stride == 0)
        wanted[size(((n * s.out_height + iy / s.stride) * s.out_width + ix / s.stride) * s.out_channels +
                    s.pad_channels + c)] = x[size(i)];
    }
    for_each_implementation<ShortcutForward<T>>(s, [&](const auto& run) {
      auto y = before<T>(outputs(s), Write::set);
      run(x, y);
      check_same(y, wanted);
    });
  });
}

TEST_CASE_TEMPLATE("shortcut: backward, and <Jv,u> = <v,J'u>", T, float, double) {
  for_each_shape([](const ShortcutSizes& s) {
    const auto v = integers<T>(inputs(s), 1), u = integers<T>(outputs(s), 2);
    std::vector<T> jv(u.size());
    reference<ShortcutForward<T>>(s)(v, jv);
    for (const Write write : writes) {
      auto wanted = before<T>(inputs(s), write);
      reference<ShortcutBackward<T>>(s)(u, wanted, write);
      for_each_implementation<ShortcutBackward<T>>(s, [&](const auto& run) {
        auto dx = before<T>(inputs(s), write);
        run(u, dx, write);
        check_same(dx, wanted);
        if (write == Write::set) CHECK(dot(v, dx) == dot(jv, u));
      });
    }
  });
}
