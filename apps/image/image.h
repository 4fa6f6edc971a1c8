#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace backlight {

/// An 8-bit RGB picture: rows from top to bottom, pixels from left to right, the three channels of a pixel
/// side by side.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // height * width * 3

  Image() = default;
  Image(int w, int h, std::uint8_t value = 0) : width(w), height(h), pixels(std::size_t(3) * w * h, value) {}

  std::uint8_t* at(int x, int y) { return pixels.data() + 3 * (std::size_t(y) * width + x); }
  const std::uint8_t* at(int x, int y) const { return pixels.data() + 3 * (std::size_t(y) * width + x); }
  bool operator==(const Image&) const = default;
};

/// No image larger than this is decoded or made.
constexpr int max_image_side = 16384;
constexpr std::int64_t max_image_pixels = 64 << 20;

/// Decodes a PNG, JPEG or BMP file. Grey becomes RGB with three equal channels, transparency is composited
/// over white, 16-bit samples keep their upper byte, and the EXIF orientation (of a JPEG, or a PNG's eXIf
/// chunk) is applied, so that the image comes out upright. Colour profiles and gamma are ignored. What the
/// format has checksums for is held against them, and a picture is decoded whole or not at all. Throws
/// Error naming the file when it is missing, a folder, empty, of another format, cut short or too large; the
/// size in its header is checked before anything is decoded.
Image load_image(const std::filesystem::path& path);

/// The same from a file's bytes. Throws Error with the reason alone.
Image decode_image(std::span<const std::uint8_t> file);

/// The bytes of a PNG file. Throws Error where the image has no pixels.
std::string encode_png(const Image& image);

/// Writes a PNG, whole or not at all. Throws Error naming the file when it cannot be written.
void write_png(const std::filesystem::path& path, const Image& image);

/// The image as floats from 0 to 255 in planes: 3, height, width.
std::vector<float> to_chw(const Image& image);

/// The image from planes of floats (3, height, width): rounded to the nearest level and clamped to 0 … 255.
/// What is not a number becomes 0.
Image from_chw(std::span<const float> chw, int width, int height);

}  // namespace backlight
