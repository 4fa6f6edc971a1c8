#pragma once

#include <cstdint>
#include <string>

namespace backlight::cpu {

/// Products of float32 numbers from products of bf16 ones, as the tile registers of Intel's AMX make them:
/// with a = a0 + a1 + a2 and b likewise (kernels/cpu/bf16_split.h), of the nine products the six largest,
///
///   a·b ≈ a0b0 + a0b1 + a1b0 + a1b1 + a0b2 + a2b0,
///
/// each exact in float32, and summed there. What is left out is below 2⁻²⁵·|a·b|, less than float32's own
/// rounding. (The idea: Henry, Tang, Heinecke 2019, arXiv 1904.06376.)
///
/// A tile is 16 rows of 64 bytes: 16 rows × 32 numbers k of the left factor, 16 pairs of k × 16 channels × 2
/// of the right, 16 × 16 float32 sums. A block is two tiles by two: 32 rows by 32 channels.
constexpr std::int64_t tile_rows = 16, tile_depth = 32, tile_lanes = 16, tile_size = 512;
constexpr std::int64_t block_rows = 2 * tile_rows, planes = 3;

/// sums[r·stride + c] = Σ_k rows[r][k]·weights[k][c] (with `adds`, from what is there on) for `row_tiles` ≤ 2
/// tiles of rows and `vectors` ≤ 2 of channels, k in [0, 32·depth_tiles).
/// rows: [plane][depth tile][32 rows][32]; weights: [depth tile][plane][vector][16 pairs][16 channels][2].
/// The order of a sum: tile of k after tile, the six products in one order; in a tile the even k, the odd k,
/// each ascending, then both together (Intel's manual, TDPBF16PS). No fused multiply-add is needed: products
/// are exact.
struct TileProductArguments {
  const std::uint16_t* rows = nullptr;
  std::int64_t row_tiles = 0, depth_tiles = 0;
  std::int64_t plane_stride = 0;  // of the rows
  const std::uint16_t* weights = nullptr;
  std::int64_t vectors = 0;
  float* sums = nullptr;
  std::int64_t stride = 0;
  bool adds = false;
};

struct TileKernels {
  void (*begin)();  // on the thread that multiplies, before it does
  void (*multiply)(const TileProductArguments&);
  void (*end)();
};

/// In the language alone.
const TileKernels& portable_tiles();
/// With AMX; null where this processor has none, or it is not to be had, and why then.
const TileKernels* amx_tiles(std::string& why_not);

/// Whether this processor has tiles, the operating system grants them, and they compute what the loops do.
bool tiles_work();
/// Why tiles that the processor has do not work; else empty.
const std::string& tiles_refused();
/// Whether the instruction set in use has them: then a kernel that needs them pays.
bool tiles_in_use();
/// The processor's where they are in use, else the loops.
const TileKernels& tile_kernels();

}  // namespace backlight::cpu
