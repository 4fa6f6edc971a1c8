#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "apps/image/resize.h"

// Where is the object? Simonyan, Vedaldi & Zisserman 2013 (arXiv 1312.6034, §3.2) find it with nothing but a
// saliency map: the most and the least salient pixels teach a foreground and a background colour model, a
// graph cut spreads both over the picture, and what belongs together is the object.
//
// From the paper: the quantiles 95 % and 30 %; Gaussian mixtures as colour models; the seeds teach the models
// and are not themselves fixed; the mask is the largest connected component of the foreground; the box is the
// mask's. The paper calls a program for the cut (Boykov & Jolly 2001) and leaves the rest open. Chosen here:
// what LocalizationOptions says, and the eight pixels around one as its neighbours, for the cut as for the
// component. The contrast term is that of GrabCut (Rother, Kolmogorov & Blake 2004): neighbours m and n of
// the colours z_m and z_n, a distance |m − n| of 1 or √2 apart, pay for different labels
//   γ / |m − n| · exp(−β ‖z_m − z_n‖²),   β = 1 / (2 ⟨‖z_m − z_n‖²⟩), the mean over the picture's neighbours.
// GrabCut's γ is 50 because a user's strokes hold labels in place; where nothing but colours does, that
// leaves one label for the whole picture. γ and the variance floor were chosen by eye, on 19 photographs and
// a network that sees 32 × 32.

namespace backlight {

/// A rectangle of pixels. `right` and `bottom` are the first column and row that are no longer in it.
struct Box {
  int left, top, right, bottom;
  bool operator==(const Box&) const = default;
};

struct LocalizationOptions {
  double foreground_percent = 95;  // pixels more salient than this percentile are foreground seeds
  double background_percent = 30;  // pixels less salient than this percentile are background seeds
  int components = 5;              // Gaussians in each colour model, as many as in GrabCut
  double variance_floor = 100;     // on the diagonal of their covariances, in squared grey levels
  double smoothness = 2;           // γ, in units of log density
};

/// What a pixel teaches.
enum class Seed : std::uint8_t { none, foreground, background };

/// The seeds of a saliency map, one per value. The most salient pixels are always foreground seeds and the
/// least salient ones background seeds, even where so many are equal that none is beyond the quantile. Values
/// that are not finite are no seeds, and where all finite values are equal there are none.
std::vector<Seed> saliency_seeds(std::span<const float> saliency, const LocalizationOptions& options = {});

struct Localization {
  std::vector<std::uint8_t> mask;  // height × width: 255 on the object, 0 elsewhere
  Box box;                         // around the mask, in the image's pixels
};

/// Finds the object in an image of at least one pixel. `saliency` is height × width, in any unit. Where the
/// map has no seeds, or the cut leaves no pixel in the foreground (in a picture of one colour), nothing is
/// known and the whole image is the answer. The same answer on every run. Throws Error where the map has not
/// as many values as the image has pixels.
Localization localize(const Image& image, std::span<const float> saliency,
                      const LocalizationOptions& options = {});

/// The area that two boxes share over the area that they cover, from 0 to 1. A localisation counts as right
/// from 0.5. 0 where both are empty.
double intersection_over_union(const Box& a, const Box& b);

/// The smallest box around the pixels of a mask (rows of `width`) that are at least `threshold`; nothing
/// where there are none.
std::optional<Box> bounding_box(std::span<const std::uint8_t> mask, int width, int threshold = 128);

/// The box in the photograph that was framed: every pixel of it that the box touches.
Box in_photograph(const Box& box, const Framing& framing);

}  // namespace backlight
