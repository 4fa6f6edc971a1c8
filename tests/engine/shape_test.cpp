#include "engine/shape.h"

#include <doctest/doctest.h>

#include <limits>

#include "engine/error.h"

namespace backlight {
namespace {

TEST_CASE("a shape counts its elements") {
  CHECK(Shape{2, 3, 4, 5}.elements() == 120);
  CHECK(Shape{}.elements() == 1);
  CHECK(Shape{7, 5}.pixels() == 1);
  CHECK(Shape{7, 5, 3, 2}.pixels() == 6);
  CHECK(to_string(Shape{1, 64, 112, 112}) == "1x64x112x112");
  CHECK(to_string(Shape{}) == "scalar");
}

TEST_CASE("a shape has at most 2^40 elements, and no product overflows on the way") {
  constexpr std::int64_t most = Shape::most_elements, largest = std::numeric_limits<std::int64_t>::max();
  CHECK(Shape{most}.elements() == most);
  CHECK(Shape{1 << 20, 1 << 20}.elements() == most);
  CHECK_THROWS_AS(Shape({most + 1}), Error);
  CHECK_THROWS_AS(Shape({largest}), Error);
  CHECK_THROWS_AS(Shape({1 << 20, 1 << 20, 2}), Error);
  // 2^32 · 2^32 is 0 in 64 bits, 3037000500² is negative.
  CHECK_THROWS_AS(Shape({std::int64_t{1} << 32, std::int64_t{1} << 32}), Error);
  CHECK_THROWS_AS(Shape({3037000500, 3037000500}), Error);
  CHECK_THROWS_AS(Shape({largest, largest, largest, largest}), Error);
}

TEST_CASE("every extent of a shape is at least 1") {
  CHECK_THROWS_WITH_AS(Shape({2, 0, 3}), "shape 2x0x3: every extent must be at least 1", Error);
  CHECK_THROWS_AS(Shape({-1}), Error);
  CHECK_THROWS_AS(Shape({-2, -3}), Error);
  CHECK_THROWS_AS(Shape({std::numeric_limits<std::int64_t>::min()}), Error);
}

}  // namespace
}  // namespace backlight
