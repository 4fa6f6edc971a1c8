#include "apps/class_image/regularisers.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace backlight {

double subtract_decay(std::span<const float> picture, double lambda, std::span<float> ascent) {
  double squares = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    squares += static_cast<double>(picture[i]) * picture[i];
    ascent[i] -= static_cast<float>(2 * lambda * picture[i]);
  }
  return lambda * squares;
}

double subtract_total_variation(std::span<const float> picture, int side, double mu,
                                std::span<float> ascent) {
  constexpr double epsilon = 0.01;
  double sum = 0;
  for (std::size_t plane = 0; plane < picture.size(); plane += static_cast<std::size_t>(side) * side)
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        const std::size_t here = plane + static_cast<std::size_t>(y) * side + x;
        const std::size_t right = here + (x + 1 < side), below = here + (y + 1 < side ? side : 0);
        const double dx = picture[right] - picture[here], dy = picture[below] - picture[here];
        const double length = std::sqrt(dx * dx + dy * dy + epsilon * epsilon);
        sum += length - epsilon;
        ascent[right] -= static_cast<float>(mu * dx / length);
        ascent[below] -= static_cast<float>(mu * dy / length);
        ascent[here] += static_cast<float>(mu * (dx + dy) / length);
      }
  return mu * sum;
}

namespace {

/// Convolves lines of `side` elements, `step` apart, each beginning at one of `starts`.
void blur_line(float* line, std::ptrdiff_t step, int side, std::span<const float> weights,
               std::vector<float>& copy) {
  const int radius = static_cast<int>(weights.size()) / 2;
  for (int i = 0; i < side; ++i) copy[static_cast<std::size_t>(i)] = line[i * step];
  for (int i = 0; i < side; ++i) {
    float sum = 0;
    for (int k = -radius; k <= radius; ++k)
      sum += weights[static_cast<std::size_t>(k + radius)] *
             copy[static_cast<std::size_t>(std::clamp(i + k, 0, side - 1))];
    line[i * step] = sum;
  }
}

}  // namespace

void blur(std::span<float> picture, int side, double sigma) {
  if (sigma <= 0) return;
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> weights, copy(static_cast<std::size_t>(side));
  double sum = 0;
  for (int k = -radius; k <= radius; ++k) sum += std::exp(-0.5 * k * k / (sigma * sigma));
  for (int k = -radius; k <= radius; ++k)
    weights.push_back(static_cast<float>(std::exp(-0.5 * k * k / (sigma * sigma)) / sum));
  const std::size_t lines = picture.size() / static_cast<std::size_t>(side);
  for (std::size_t row = 0; row < lines; ++row)
    blur_line(picture.data() + row * side, 1, side, weights, copy);
  for (std::size_t column = 0; column < lines; ++column)
    blur_line(picture.data() + column / side * side * side + column % side, side, side, weights, copy);
}

void roll(std::span<float> picture, int side, int dx, int dy) {
  const auto wrapped = [side](int shift) { return (shift % side + side) % side; };
  const auto rows = static_cast<std::ptrdiff_t>(side) * side;
  for (auto plane = picture.begin(); plane != picture.end(); plane += rows) {
    std::rotate(plane, plane + rows - static_cast<std::ptrdiff_t>(wrapped(dy)) * side, plane + rows);
    for (auto row = plane; row != plane + rows; row += side)
      std::rotate(row, row + side - wrapped(dx), row + side);
  }
}

}  // namespace backlight
