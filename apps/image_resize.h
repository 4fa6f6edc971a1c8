#pragma once

#include "apps/image.h"

namespace backlight {

/// Antialiased bilinear resizing: each output pixel is a weighted mean of the input pixels around its place,
/// with the triangle max(0, 1 - |x|) as weights, widened by the reduction factor where the image shrinks. The
/// same pixels as Pillow's Image.resize((width, height), BILINEAR). Throws Error when the result would have
/// more than max_image_pixels or a side is less than 1.
Image resize(const Image& image, int width, int height);

/// Resizes so that the shorter side becomes `size` and the other size * longer / shorter, rounded down, as
/// torchvision.transforms.Resize(size) does.
Image resize_shorter_side(const Image& image, int size);

/// The width x height pixels whose upper left corner is at (left, top). Throws Error when they reach outside.
Image crop(const Image& image, int left, int top, int width, int height);

/// The middle size x size pixels, as torchvision.transforms.CenterCrop(size) takes them: an odd margin is
/// split with the half rounded to even. Throws Error when the image is smaller.
Image center_crop(const Image& image, int size);

/// What a classifier sees of a photograph: crop x crop pixels. The evaluation pipeline of torchvision's
/// ImageNet networks, resize_shorter_side(resize) and then center_crop(crop); with `resize` 0, the whole
/// image squeezed to crop x crop.
Image prepare(const Image& image, int resize, int crop);

}  // namespace backlight
