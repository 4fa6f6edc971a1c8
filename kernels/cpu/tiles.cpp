#include "kernels/cpu/tiles.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "kernels/instruction_set.h"

namespace backlight::cpu {
namespace {

float number(std::uint16_t bf16) { return std::bit_cast<float>(std::uint32_t{bf16} << 16); }

/// sums[16][16] += a[16 rows][32] · b[16 pairs][16 channels][2], as TDPBF16PS does.
void multiply_tile(float (*sums)[tile_lanes], const std::uint16_t* a, const std::uint16_t* b) {
  float right[tile_size];
  for (std::int64_t i = 0; i < tile_size; ++i) right[i] = number(b[i]);
  for (std::int64_t r = 0; r < tile_rows; ++r) {
    float even_and_odd[2 * tile_lanes] = {};
    for (std::int64_t pair = 0; pair < tile_rows; ++pair) {
      const float left[2] = {number(a[r * tile_depth + 2 * pair]), number(a[r * tile_depth + 2 * pair + 1])};
      for (std::int64_t i = 0; i < 2 * tile_lanes; ++i)
        even_and_odd[i] += left[i % 2] * right[pair * 2 * tile_lanes + i];
    }
    for (std::int64_t c = 0; c < tile_lanes; ++c) sums[r][c] += even_and_odd[2 * c] + even_and_odd[2 * c + 1];
  }
}

void multiply(const TileProductArguments& p) {
  constexpr int order[][2] = {{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}};  // tiles_amx.cpp's
  for (std::int64_t i = 0; i < p.row_tiles; ++i)
    for (std::int64_t j = 0; j < p.vectors; ++j) {
      float* const to = p.sums + i * tile_rows * p.stride + j * tile_lanes;
      float sums[tile_rows][tile_lanes] = {};
      if (p.adds)
        for (std::int64_t r = 0; r < tile_rows; ++r) std::copy_n(to + r * p.stride, tile_lanes, sums[r]);
      for (std::int64_t k = 0; k < p.depth_tiles; ++k)
        for (const auto [a, b] : order)
          multiply_tile(sums, p.rows + a * p.plane_stride + (2 * k + i) * tile_size,
                        p.weights + ((k * planes + b) * p.vectors + j) * tile_size);
      for (std::int64_t r = 0; r < tile_rows; ++r) std::copy_n(sums[r], tile_lanes, to + r * p.stride);
    }
}

/// Whether both multiply some small integers alike: their sums are exact in any order.
bool agree(const TileKernels& some, const TileKernels& others) {
  constexpr std::int64_t depth = 3, stride = 2 * tile_lanes;
  std::uint32_t state = 1;
  const auto numbers = [&](std::int64_t count) {
    std::vector<std::uint16_t> all(static_cast<std::size_t>(count));
    for (std::uint16_t& bits : all) {
      state = state * 1664525u + 1013904223u;
      const auto integer = static_cast<float>(static_cast<int>(state >> 16 & 31) - 16);
      bits = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(integer) >> 16);
    }
    return all;
  };
  const auto rows = numbers(planes * depth * 2 * tile_size),
             weights = numbers(depth * planes * 2 * tile_size);
  const auto product = [&](const TileKernels& kernels) {
    std::vector<float> sums(block_rows * stride, 1.0f);
    kernels.begin();
    kernels.multiply(
        {rows.data(), 2, depth, depth * 2 * tile_size, weights.data(), 2, sums.data(), stride, true});
    kernels.end();
    return sums;
  };
  const std::vector<float> a = product(some), b = product(others);
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

const TileKernels& portable_tiles() {
  static constexpr TileKernels kernels{[] {}, multiply, [] {}};
  return kernels;
}

namespace {

struct Found {
  const TileKernels* kernels;
  std::string refused;
};
/// Asked once, when the process first wants to know.
const Found& found() {
  static const Found once = [] {
    Found f{};
    f.kernels = amx_tiles(f.refused);
    if (f.kernels && !agree(*f.kernels, portable_tiles()))
      f = {nullptr, "they compute something else than they should"};
    return f;
  }();
  return once;
}

}  // namespace

bool tiles_work() { return found().kernels; }

const std::string& tiles_refused() { return found().refused; }

bool tiles_in_use() { return instruction_set() == "amx"; }

const TileKernels& tile_kernels() { return tiles_in_use() ? *found().kernels : portable_tiles(); }

}  // namespace backlight::cpu
