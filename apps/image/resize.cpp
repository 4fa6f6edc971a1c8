#include "apps/image/resize.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/error.h"

namespace backlight {
namespace {

// Weights are whole multiples of 2^-22, so that 255 times a sum of weights that is 1 fits into 32 bits; after
// each of the two passes the result is rounded to 8 bits. Pillow does both, and so the pixels are the same.
constexpr int weight_bits = 22;

using Window = Resizer::Window;

std::vector<Window> triangle_windows(int length, int new_length) {
  const double scale = double(length) / new_length;
  const double support = std::max(scale, 1.0);
  std::vector<Window> windows(new_length);
  std::vector<double> weights;
  for (int i = 0; i < new_length; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(int(center - support + 0.5), 0);
    const int last = std::min(int(center + support + 0.5), length);
    double sum = 0;
    weights.clear();
    for (int j = first; j < last; ++j) {
      weights.push_back(std::max(0.0, 1 - std::abs((j + 0.5 - center) * (1 / support))));
      sum += weights.back();
    }
    windows[i].first = first;
    for (const double weight : weights)
      windows[i].weights.push_back(std::int32_t(weight / sum * (1 << weight_bits) + 0.5));
  }
  return windows;
}

/// Resamples the first axis of length x inner samples.
void resample(const std::uint8_t* from, const std::vector<Window>& windows, std::size_t inner,
              std::uint8_t* to) {
  std::vector<std::int32_t> sums(inner);
  for (const Window& window : windows) {
    std::fill(sums.begin(), sums.end(), 1 << (weight_bits - 1));  // one half, so that the shift rounds
    const std::uint8_t* source = from + std::size_t(window.first) * inner;
    for (const std::int32_t weight : window.weights)
      for (std::size_t i = 0; i < inner; ++i) sums[i] += weight * *source++;
    for (std::size_t i = 0; i < inner; ++i) *to++ = std::uint8_t(std::min(sums[i] >> weight_bits, 255));
  }
}

std::string size_of(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

void check_new_size(int old_width, int old_height, std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1 || width > max_image_pixels / height)
    throw Error("an image of " + size_of(old_width, old_height) + " pixels cannot be resized to " +
                size_of(width, height) + ": from 1 to " + std::to_string(max_image_pixels) +
                " pixels are allowed");
}

}  // namespace

Resizer::Resizer(int width, int height, int new_width, int new_height)
    : height_(height), new_width_(new_width), new_height_(new_height) {
  check_new_size(width, height, new_width, new_height);
  check_new_size(width, height, new_width, height);
  columns_ = triangle_windows(width, new_width);
  narrowed_.reserve(std::size_t(3) * new_width * height);
}

void Resizer::row(const std::uint8_t* rgb) {
  narrowed_.resize(narrowed_.size() + std::size_t(3) * new_width_);
  resample(rgb, columns_, 3, narrowed_.data() + narrowed_.size() - std::size_t(3) * new_width_);
}

Image Resizer::resized() const {
  Image image(new_width_, new_height_);
  resample(narrowed_.data(), triangle_windows(height_, new_height_), std::size_t(3) * new_width_,
           image.pixels.data());
  return image;
}

Image resize(const Image& image, int width, int height) {
  Resizer resizer(image.width, image.height, width, height);
  for (int y = 0; y < image.height; ++y) resizer.row(image.at(0, y));
  return resizer.resized();
}

Image crop(const Image& image, int left, int top, int width, int height) {
  if (left < 0 || top < 0 || width < 1 || height < 1 || width > image.width - left ||
      height > image.height - top)
    throw Error(size_of(width, height) + " pixels at column " + std::to_string(left) + ", row " +
                std::to_string(top) + " cannot be cut out of an image of " +
                size_of(image.width, image.height));
  Image part(width, height);
  for (int y = 0; y < height; ++y) std::copy_n(image.at(left, top + y), 3 * width, part.at(0, y));
  return part;
}

Framing framing(int photo_width, int photo_height, int resize, int crop) {
  if (resize == 0) return {photo_width, photo_height, crop, crop, 0, 0, crop};
  const std::int64_t shorter = std::min(photo_width, photo_height),
                     longer = std::max(photo_width, photo_height), new_longer = resize * longer / shorter;
  const std::int64_t width = photo_width <= photo_height ? resize : new_longer,
                     height = photo_width <= photo_height ? new_longer : resize;
  check_new_size(photo_width, photo_height, width, height);
  const auto left_out = [crop](std::int64_t side) { return int(std::nearbyint(double(side - crop) / 2)); };
  return {photo_width, photo_height, int(width), int(height), left_out(width), left_out(height), crop};
}

Image prepare(const Image& photo, const Framing& f) {
  return crop(resize(photo, f.width, f.height), f.left, f.top, f.crop, f.crop);
}

}  // namespace backlight
