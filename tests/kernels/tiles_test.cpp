#include "kernels/cpu/tiles.h"

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/cpu/bf16_split.h"
#include "shapes.h"
#include "sweep.h"

using namespace backlight;
using namespace backlight::sweep;

namespace {

constexpr std::size_t piece = 32;

/// Part `plane` of every number.
std::vector<float> part(const std::vector<float>& numbers, std::size_t plane) {
  std::vector<std::uint16_t> parts(3 * numbers.size());
  cpu::bf16_split()(numbers.data(), static_cast<std::int64_t>(numbers.size() / piece), parts.data(), piece,
                    static_cast<std::int64_t>(numbers.size()));
  std::vector<float> found;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    found.push_back(std::bit_cast<float>(std::uint32_t{parts[plane * numbers.size() + i]} << 16));
  return found;
}

/// ‖got − right‖ / ‖right‖.
double distance(const std::vector<float>& got, const std::vector<double>& right) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    difference += (static_cast<double>(got[i]) - right[i]) * (static_cast<double>(got[i]) - right[i]);
    norm += right[i] * right[i];
  }
  return std::sqrt(difference / norm);
}

}  // namespace

TEST_CASE("split: the three parts of a number are bf16 and sum to it") {
  std::vector<float> numbers = reals<float>(32 * piece, 1);
  for (std::size_t i = 0; i < piece; ++i) numbers[i] = static_cast<float>(i) * 0x1.fffffep+90f;
  numbers[40] = std::numeric_limits<float>::max();
  numbers[41] = -std::numeric_limits<float>::max();
  numbers[42] = 0;
  numbers[43] = -0x1.010101p-80f;
  const auto first = part(numbers, 0), second = part(numbers, 1), third = part(numbers, 2);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CHECK(first[i] + (second[i] + third[i]) == numbers[i]);
    // Rounded to nearest: what is left is at most half a unit of the 8 bits that were kept.
    if (std::abs(numbers[i]) < 1e38f) CHECK(std::abs(second[i]) <= std::abs(numbers[i]) * 0x1p-8f);
    if (std::abs(numbers[i]) < 1e38f) CHECK(std::abs(third[i]) <= std::abs(numbers[i]) * 0x1p-16f);
  }
}

TEST_CASE("split: too small a part is nothing, and what is not finite never becomes a number") {
  std::vector<float> numbers(piece, 0x1p-130f);
  numbers[1] = 0x1.8p-126f;
  numbers[2] = std::numeric_limits<float>::infinity();
  numbers[3] = std::numeric_limits<float>::quiet_NaN();
  numbers[4] = std::bit_cast<float>(0x7f800001u);  // a NaN whose upper half looks like infinity
  const auto first = part(numbers, 0), second = part(numbers, 1);
  CHECK(first[0] == 0);
  CHECK(first[1] == 0x1.8p-126f);
  for (const std::size_t i : {2, 3, 4}) CHECK(!std::isfinite(first[i] + second[i]));
}

TEST_CASE("split products lose no more than float32: the norm of the error, over sums of 2304") {
  const ConvSizes s = conv({1, 12, 12, 256, 64, 3, 1, 1});
  auto x = reals<float>(12 * 12 * 256, 1);
  for (float& number : x) number = std::max(number, 0.0f);
  const auto w = reals<float>(s.weights(), 2);
  const std::vector<double> x64(x.begin(), x.end()), w64(w.begin(), w.end());
  std::vector<double> right(12 * 12 * 64);
  reference<ConvForward<double>>(s)(x64, w64, Epilogue<double>{}, right);
  double plain = 0;
  for_each_implementation<ConvForward<float>>(s, [&](const auto& run) {
    std::vector<float> y(right.size());
    run(x, run.weights(w), Epilogue<float>{}, y);
    if (run.entry().name == "ref") plain = distance(y, right);
  });
  REQUIRE(plain > 0);
  bool tried = false;
  for_each_implementation<ConvForward<float>>(s, [&](const auto& run) {
    if (run.entry().name != "bf16x6") return;
    std::vector<float> y(right.size());
    run(x, run.weights(w), Epilogue<float>{}, y);
    MESSAGE("bf16x6 ", distance(y, right), ", plain ", plain);
    CHECK(distance(y, right) <= 2 * plain);
    tried = true;
  });
  CHECK(tried);
}

TEST_CASE("tiles: the processor's, where it has any, compute what the loops do") {
  std::string why_not;
  const cpu::TileKernels* const amx = cpu::amx_tiles(why_not);
  INFO(why_not);
  CHECK(cpu::tiles_work() == (amx != nullptr));
  CHECK((cpu::tiles_refused().empty() || amx == nullptr));
  CHECK(cpu::tiles_refused() == why_not);
}
