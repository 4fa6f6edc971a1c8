#pragma once

#include <span>
#include <vector>

#include "apps/image/image.h"

// Maps of numbers as pictures for people. Maps are rows from top to bottom, `width` x `height` floats; values
// that are not finite are drawn as 0. Each function throws Error when a map has not as many values as its
// picture has pixels.

namespace backlight {

/// The value below which `percent` % (0 to 100) of the finite values lie, linearly interpolated between
/// neighbours in order; 0 when there is none.
float percentile(std::span<const float> values, double percent);

/// percentile(|values|, percent): drawn as the strongest, so that a few outliers do not darken all the rest.
/// Where it is 0, as in a map that is nearly all 0, the maximum takes its place.
float scale_of(std::span<const float> values, double percent = 99.5);

/// values / scale, clamped to 0 … 1; all 0 where the scale is. Negative values become 0.
std::vector<float> normalise(std::span<const float> values, float scale);

/// Values from 0 to 1 in the colours of "inferno", from black over red to light yellow, whose lightness rises
/// evenly.
Image heat_map(std::span<const float> values, int width, int height);

/// The heat map over the photograph in grey: the higher a value from 0 to 1, the more its colour covers.
Image overlay(const Image& photo, std::span<const float> values);

/// Signed values with zero in the middle of the colours; +-scale are the ends. 3 planes (3, height, width):
/// each channel of the picture around mid grey. 1 plane (height, width): from blue for negative over white to
/// red for positive.
Image signed_picture(std::span<const float> values, int width, int height, float scale);

}  // namespace backlight
