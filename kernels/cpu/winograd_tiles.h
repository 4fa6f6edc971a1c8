#pragma once

#include <cstdint>

namespace backlight::cpu {

/// The two transforms at either end of Winograd's minimal filtering F(m×m, 3×3) (Winograd 1980; Lavin and
/// Gray 2015, arXiv 1509.09308, §4): an m×m tile of a 3×3 convolution, from the n×n inputs that it reads,
/// n = m + 2, with n² multiplications for each pair of channels instead of 9·m²:
///
///   Y = Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A
///
/// The rows of Aᵀ, G and Bᵀ follow from n − 1 points and infinity (Cook and Toom): 0, ±1 for m = 2, and
/// 0, ±√½, ±√2 for m = 4, where they round less than the usual 0, ±1, ±2. All of it is done for many
/// channels at a time.
template <class T>
struct WinogradTiles {
  std::int64_t lanes;  // channels come in multiples of this

  /// V = Bᵀ d B: v[p·stride + c] for the n² positions p. pixels[i·n + j]: the channels of the input at row i
  /// and column j of the tile.
  void (*input)(const T* const* pixels, std::int64_t channels, T* v, std::int64_t stride);

  /// Y = Aᵀ M A: y[(i·m + j)·y_stride + c] from sums[p·stride + c].
  void (*output)(const T* sums, std::int64_t stride, std::int64_t channels, T* y, std::int64_t y_stride);
};

/// For the instruction set that this processor has. m is 2 or 4.
template <class T, int m>
const WinogradTiles<T>& winograd_tiles();

/// So many filters are transformed side by side.
constexpr int filters_together = 16;

/// U = G g Gᵀ of 3×3 filters, g[3·i + j][filter], in float64: rounded once, by the caller. u has (m + 2)²
/// rows.
template <int m>
void transform_filters(const double (*g)[filters_together], double (*u)[filters_together]);

}  // namespace backlight::cpu
