#include "kernels/cpu/tiles.h"

#if defined(__x86_64__) && defined(__linux__)

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#define BACKLIGHT_AMX __attribute__((target("amx-tile,amx-bf16")))

namespace backlight::cpu {
namespace {

/// Of LDTILECFG: eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfiguration) == 64);

BACKLIGHT_AMX void begin() {
  static constexpr TileConfiguration configuration;
  _tile_loadconfig(&configuration);
}

/// Without tiles in use a switch to another thread saves none.
BACKLIGHT_AMX void end() { _tile_release(); }

// Tiles 0 to 3 hold the sums, 4 and 5 rows, 6 and 7 weights. Instructions name their tiles by literals, so
// that these are macros; R and V are constants, and what they rule out vanishes.
#define BACKLIGHT_LOAD_ROWS(plane)                   \
  _tile_loadd(4, rows + (plane)*p.plane_stride, 64); \
  if constexpr (R > 1) _tile_loadd(5, rows + (plane)*p.plane_stride + tile_size, 64)
#define BACKLIGHT_LOAD_WEIGHTS(plane)                  \
  _tile_loadd(6, weights + (plane)*V * tile_size, 64); \
  if constexpr (V > 1) _tile_loadd(7, weights + ((plane)*V + 1) * tile_size, 64)
#define BACKLIGHT_MULTIPLY()                    \
  _tile_dpbf16ps(0, 4, 6);                      \
  if constexpr (V > 1) _tile_dpbf16ps(1, 4, 7); \
  if constexpr (R > 1) _tile_dpbf16ps(2, 5, 6); \
  if constexpr (R > 1 && V > 1) _tile_dpbf16ps(3, 5, 7)

/// Six products of two by two tiles: 24 instructions for 14 loads, as every second product shares one factor
/// with the one before it.
template <int R, int V>
BACKLIGHT_AMX __attribute__((noinline)) void multiply(const TileProductArguments& p) {
  const long row_bytes = static_cast<long>(p.stride * static_cast<std::int64_t>(sizeof(float)));
  float* const below = p.sums + tile_rows * p.stride;
  if (p.adds) {
    _tile_loadd(0, p.sums, row_bytes);
    if constexpr (V > 1) _tile_loadd(1, p.sums + tile_lanes, row_bytes);
    if constexpr (R > 1) _tile_loadd(2, below, row_bytes);
    if constexpr (R > 1 && V > 1) _tile_loadd(3, below + tile_lanes, row_bytes);
  } else {
    _tile_zero(0);
    if constexpr (V > 1) _tile_zero(1);
    if constexpr (R > 1) _tile_zero(2);
    if constexpr (R > 1 && V > 1) _tile_zero(3);
  }
  const std::uint16_t *rows = p.rows, *weights = p.weights;
  for (std::int64_t k = 0; k < p.depth_tiles; ++k, rows += 2 * tile_size, weights += planes * V * tile_size) {
    BACKLIGHT_LOAD_ROWS(0);
    BACKLIGHT_LOAD_WEIGHTS(2);
    BACKLIGHT_MULTIPLY();
    BACKLIGHT_LOAD_WEIGHTS(1);
    BACKLIGHT_MULTIPLY();
    BACKLIGHT_LOAD_ROWS(1);
    BACKLIGHT_MULTIPLY();
    BACKLIGHT_LOAD_WEIGHTS(0);
    BACKLIGHT_MULTIPLY();
    BACKLIGHT_LOAD_ROWS(2);
    BACKLIGHT_MULTIPLY();
    BACKLIGHT_LOAD_ROWS(0);
    BACKLIGHT_MULTIPLY();
  }
  _tile_stored(0, p.sums, row_bytes);
  if constexpr (V > 1) _tile_stored(1, p.sums + tile_lanes, row_bytes);
  if constexpr (R > 1) _tile_stored(2, below, row_bytes);
  if constexpr (R > 1 && V > 1) _tile_stored(3, below + tile_lanes, row_bytes);
}

void any_multiply(const TileProductArguments& p) {
  if (p.row_tiles > 1)
    p.vectors > 1 ? multiply<2, 2>(p) : multiply<2, 1>(p);
  else
    p.vectors > 1 ? multiply<1, 2>(p) : multiply<1, 1>(p);
}

/// CPUID leaf 7: bit 22 AMX-BF16, bit 24 AMX-TILE.
bool processor_has_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 22 & 1) && (d >> 24 & 1);
}

/// Linux grants their state to a process that asks (Documentation/arch/x86/xstate.rst).
bool ask_for_tiles(std::string& why_not) {
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA
  if (syscall(SYS_arch_prctl, request_permission, tile_data) == 0) return true;
  why_not = std::string("the operating system refuses them: ") + std::strerror(errno);
  return false;
}

}  // namespace

const TileKernels* amx_tiles(std::string& why_not) {
  static constexpr TileKernels kernels{begin, any_multiply, end};
  return processor_has_tiles() && ask_for_tiles(why_not) ? &kernels : nullptr;
}

}  // namespace backlight::cpu

#else

namespace backlight::cpu {

const TileKernels* amx_tiles(std::string&) { return nullptr; }

}  // namespace backlight::cpu

#endif
