#pragma once

#include "apps/image/image.h"

namespace backlight {

/// Antialiased bilinear resizing: each output pixel is a weighted mean of the input pixels around its place,
/// with the triangle max(0, 1 - |x|) as weights, widened by the reduction factor where the image shrinks. The
/// same pixels as Pillow's Image.resize((width, height), BILINEAR). Throws Error when the result would have
/// more than max_image_pixels or a side is less than 1.
Image resize(const Image& image, int width, int height);

/// The same for an image that comes row by row: of it are kept its rows made narrower.
class Resizer {
 public:
  Resizer(int width, int height, int new_width, int new_height);
  /// The next row from the top: width x 3 levels.
  void row(const std::uint8_t* rgb);
  /// After the last row.
  Image resized() const;

  /// The input pixels first, first + 1, … that make up one output pixel, and the weight of each.
  struct Window {
    int first;
    std::vector<std::int32_t> weights;
  };

 private:
  int height_, new_width_, new_height_;
  std::vector<Window> columns_;
  std::vector<std::uint8_t> narrowed_;
};

/// The width x height pixels whose upper left corner is at (left, top). Throws Error when they reach outside.
Image crop(const Image& image, int left, int top, int width, int height);

/// How a photograph becomes what a classifier sees: from photo_width x photo_height resized to width x
/// height, of which the crop x crop pixels at (left, top) remain.
struct Framing {
  int photo_width, photo_height, width, height, left, top, crop;
};

/// The evaluation pipeline of torchvision's ImageNet networks: Resize(resize) makes the shorter side `resize`
/// and the other resize * longer / shorter, rounded down; CenterCrop(crop) takes the middle, an odd margin
/// split with the half rounded to even. With `resize` 0, the whole photograph squeezed to crop x crop. Throws
/// Error when the resized photograph would be too large.
Framing framing(int photo_width, int photo_height, int resize, int crop);

/// The crop x crop pixels that the framing leaves. Throws Error when the resized photograph is smaller than
/// the crop.
Image prepare(const Image& photo, const Framing& framing);

}  // namespace backlight
