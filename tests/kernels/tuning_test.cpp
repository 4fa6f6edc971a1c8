#include "kernels/tuning.h"

#include <doctest/doctest.h>

#include "shapes.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

using Forward = ConvForward<float>;

std::string fastest(Tuning& tuning, const ConvSizes& sizes, int threads = 1, bool plain = false) {
  return std::string(tuning.fastest(cpu::table<Forward>(), sizes, Machine{threads}, plain)->name);
}

}  // namespace

TEST_CASE("tuning: what was measured once is the answer for every batch and number of threads") {
  Tuning tuning;
  const std::string chosen = fastest(tuning, conv({1, 16, 16, 32, 32, 3, 1, 1}));
  CHECK((chosen == "winograd2" || chosen == "blocked" || chosen == "bf16x6"));
  CHECK(tuning.measured() == 1);
  CHECK(tuning.seconds() > 0);
  CHECK(fastest(tuning, conv({3, 16, 16, 32, 32, 3, 1, 1}), 2) == chosen);
  CHECK(tuning.measured() == 1);
  REQUIRE(tuning.known().size() == 1);
  CHECK(tuning.known().begin()->first ==
        "conv_forward 3x3 16x16x32 16x16x32 stride 1x1 pad 1x1 dilation 1x1 groups 1");
  tuning.known().begin()->second = chosen == "blocked" ? "winograd2" : "blocked";
  CHECK(fastest(tuning, conv({1, 16, 16, 32, 32, 3, 1, 1})) != chosen);
}

TEST_CASE(
    "tuning: a name that does not do these sizes is measured again, and nothing is where one kernel is") {
  Tuning tuning;
  tuning.known()["conv_forward 3x3 16x16x32 16x16x32 stride 1x1 pad 1x1 dilation 1x1 groups 1"] = "depthwise";
  CHECK(fastest(tuning, conv({1, 16, 16, 32, 32, 3, 1, 1})) != "depthwise");
  CHECK(tuning.measured() == 1);
  CHECK(fastest(tuning, conv({1, 16, 16, 32, 32, 3, 1, 1}), 1, true) == "blocked");  // the only plain one
  CHECK(tuning.measured() == 1);
}
