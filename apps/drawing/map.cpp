// Maps of numbers in colours.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "apps/drawing/map.h"
#include "engine/error.h"

namespace backlight {
namespace {

using Colour = std::array<float, 3>;

/// Every sixteenth colour of "inferno", by Stefan van der Walt and Nathaniel Smith for matplotlib (CC0).
/// Between them the straight line is within 7 levels of the original.
constexpr std::uint32_t inferno[] = {0x000004, 0x0b0724, 0x210c4a, 0x3c0965, 0x57106d, 0x70196e,
                                     0x89226a, 0xa32b61, 0xbb3755, 0xd14644, 0xe35932, 0xf1711e,
                                     0xf98d0a, 0xfcab0f, 0xf9ca32, 0xf2e865, 0xfcffa4};

/// "RdBu", from blue to red: the diverging scheme of Cynthia Brewer, https://colorbrewer2.org (Apache 2.0).
constexpr std::uint32_t blue_white_red[] = {0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
                                            0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f};

float finite(float value) { return std::isfinite(value) ? value : 0; }

/// The colour at `place` from 0 to 1 along the table.
Colour colour_at(std::span<const std::uint32_t> table, float place) {
  const float position = std::clamp(finite(place), 0.0f, 1.0f) * float(table.size() - 1);
  const std::size_t low = std::min(std::size_t(position), table.size() - 2);
  const float share = position - float(low);
  Colour colour;
  for (int c = 0; c < 3; ++c) {
    const auto level = [&](std::size_t i) { return float(table[i] >> (16 - 8 * c) & 0xFF); };
    colour[c] = level(low) * (1 - share) + level(low + 1) * share;
  }
  return colour;
}

std::uint8_t level(float value) { return std::uint8_t(std::nearbyint(std::clamp(value, 0.0f, 255.0f))); }

void check_count(std::size_t found, std::size_t expected, int width, int height) {
  if (found != expected)
    throw Error("a picture of " + std::to_string(width) + " x " + std::to_string(height) + " pixels takes " +
                std::to_string(expected) + " values, not " + std::to_string(found));
}

Image draw(std::span<const std::uint32_t> table, std::span<const float> places, int width, int height) {
  Image image(width, height);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Colour colour = colour_at(table, places[i]);
    std::transform(colour.begin(), colour.end(), image.pixels.begin() + 3 * i, level);
  }
  return image;
}

std::vector<float> magnitudes(std::span<const float> values) {
  std::vector<float> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [](float v) { return std::abs(v); });
  return result;
}

}  // namespace

float percentile(std::span<const float> values, double percent) {
  std::vector<float> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](float v) { return std::isfinite(v); });
  if (sorted.empty()) return 0;
  const double position = std::clamp(percent, 0.0, 100.0) / 100 * double(sorted.size() - 1);
  const auto below = sorted.begin() + std::ptrdiff_t(position);
  std::nth_element(sorted.begin(), below, sorted.end());
  if (below + 1 == sorted.end()) return *below;
  const double low = *below, high = *std::min_element(below + 1, sorted.end());
  return float(low + (high - low) * (position - std::floor(position)));
}

float scale_of(std::span<const float> values, double percent) {
  const std::vector<float> sizes = magnitudes(values);
  const float scale = percentile(sizes, percent);
  return scale > 0 ? scale : percentile(sizes, 100);
}

std::vector<float> normalise(std::span<const float> values, float scale) {
  std::vector<float> result(values.size());
  if (scale > 0)
    std::transform(values.begin(), values.end(), result.begin(),
                   [scale](float v) { return std::clamp(finite(v) / scale, 0.0f, 1.0f); });
  return result;
}

Image heat_map(std::span<const float> values, int width, int height) {
  check_count(values.size(), std::size_t(width) * height, width, height);
  return draw(inferno, values, width, height);
}

Image overlay(const Image& photo, std::span<const float> values) {
  check_count(values.size(), photo.pixels.size() / 3, photo.width, photo.height);
  Image image = photo;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint8_t* pixel = &image.pixels[3 * i];
    const float grey = 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];  // ITU-R BT.601
    const float value = std::clamp(finite(values[i]), 0.0f, 1.0f), opacity = std::sqrt(value);
    const Colour colour = colour_at(inferno, value);
    for (int c = 0; c < 3; ++c) pixel[c] = level(grey * (1 - opacity) + colour[c] * opacity);
  }
  return image;
}

Image signed_picture(std::span<const float> values, int width, int height, float scale) {
  const std::size_t plane = std::size_t(width) * height;
  if (values.size() != 3 * plane) check_count(values.size(), plane, width, height);
  std::vector<float> places(values.size(), 0.5f);  // -scale, 0 and scale at 0, 0.5 and 1
  if (scale > 0)
    std::transform(values.begin(), values.end(), places.begin(),
                   [scale](float v) { return 0.5f + finite(v) / scale / 2; });
  if (values.size() == plane) return draw(blue_white_red, places, width, height);
  for (float& place : places) place *= 255;
  return from_chw(places, width, height);
}

}  // namespace backlight
