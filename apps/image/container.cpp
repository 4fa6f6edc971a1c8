#include "apps/image/container.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>

#include "apps/image/image.h"
#include "engine/error.h"

namespace backlight {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool starts_with(Bytes file, std::string_view signature) {
  return file.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), file.begin(),
                    [](char a, std::uint8_t b) { return std::uint8_t(a) == b; });
}

/// file[offset, offset + count), or an error when the file ends before.
Bytes take(Bytes file, std::size_t offset, std::size_t count) {
  if (offset > file.size() || count > file.size() - offset) throw Error("the file is cut short");
  return file.subspan(offset, count);
}

std::int64_t big_endian(Bytes bytes) {
  std::int64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

std::int64_t little_endian(Bytes bytes) {
  std::int64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

void set_size(ImageFile& image, std::int64_t width, std::int64_t height) {
  if (width < 1 || height < 1) throw Error("the image has no pixels");
  if (width > max_image_side || height > max_image_side || width * height > max_image_pixels)
    throw Error("the image is " + std::to_string(width) + " x " + std::to_string(height) +
                " pixels, at most " + std::to_string(max_image_side) + " a side and " +
                std::to_string(max_image_pixels) + " in all are allowed");
  image.width = int(width);
  image.height = int(height);
}

/// PNG: chunks of length, type, data and checksum, from IHDR to IEND.
void walk_png(Bytes file, ImageFile& image) {
  if (!starts_with(take(file, 12, 4), "CgBI")) {
    if (!starts_with(take(file, 12, 4), "IHDR")) throw Error("damaged PNG (IHDR is not its first chunk)");
    set_size(image, big_endian(take(file, 16, 4)), big_endian(take(file, 20, 4)));
  }
  for (std::size_t at = 8;;) {
    const std::size_t length = std::size_t(big_endian(take(file, at, 4)));
    const Bytes type = take(file, at + 4, 4), data = take(file, at + 8, length);
    take(file, at + 8 + length, 4);
    if (!std::all_of(type.begin(), type.end(), [](int c) { return std::isalpha(c); }))
      throw Error("damaged PNG (a chunk whose type is not four letters)");
    if (starts_with(type, "CgBI"))
      throw Error("Apple's CgBI PNG, made for an iPhone application: save it as an ordinary PNG");
    if (starts_with(type, "eXIf")) image.exif = data;
    if (starts_with(type, "IEND")) return;
    at += 12 + length;
  }
}

/// JPEG: segments of 0xFF, marker, length and data, from start-of-image to end-of-image. Within the
/// compressed data that follows a start-of-scan segment, 0xFF is followed by 0 or a restart marker (D0 … D7),
/// which are passed over.
void walk_jpeg(Bytes file, ImageFile& image) {
  constexpr int temporary = 0x01, huffman_tables = 0xC4, arithmetic_coding = 0xCC, start_of_image = 0xD8,
                end_of_image = 0xD9, app1 = 0xE1;
  constexpr std::string_view exif_header("Exif\0\0", 6);
  const auto is_data = [](int code) { return code == 0 || code == 0xFF || (code >= 0xD0 && code <= 0xD7); };
  const auto is_frame = [](int code) {
    return code >= 0xC0 && code <= 0xCF && code != huffman_tables && code != 0xC8 &&
           code != arithmetic_coding;
  };
  for (std::size_t at = 2;;) {
    while (take(file, at, 2)[0] != 0xFF || is_data(file[at + 1])) ++at;
    const int marker = file[at + 1];
    at += 2;
    if (marker == end_of_image) break;
    if (marker == start_of_image || marker == temporary) continue;
    const std::size_t length = std::size_t(big_endian(take(file, at, 2)));
    if (length < 2) throw Error("damaged JPEG (a segment of negative length)");
    const Bytes data = take(file, at, length).subspan(2);
    if (is_frame(marker)) set_size(image, big_endian(take(data, 3, 2)), big_endian(take(data, 1, 2)));
    if (marker == app1 && starts_with(data, exif_header) && image.exif.empty())
      image.exif = data.subspan(exif_header.size());
    at += length;
  }
  if (image.width == 0) throw Error("damaged JPEG (no image in it)");
}

/// BMP: uncompressed rows, each padded to four bytes, at the offset that the header gives.
void walk_bmp(Bytes file, ImageFile& image) {
  const bool os2 = little_endian(take(file, 14, 4)) == 12;
  const std::size_t field = os2 ? 2 : 4;
  const auto height =
      std::int32_t(little_endian(take(file, 18 + field, field)));  // negative from the top downwards
  set_size(image, little_endian(take(file, 18, field)), std::abs(std::int64_t(height)));
  if (const std::int64_t coding = os2 ? 0 : little_endian(take(file, 30, 4)); coding == 1 || coding == 2)
    throw Error("a run-length-coded BMP (RLE): save it as PNG, or as BMP without compression");
  const std::int64_t bits = little_endian(take(file, os2 ? 24 : 28, 2));
  take(file, std::size_t(little_endian(take(file, 10, 4))),
       std::size_t((image.width * bits + 31) / 32 * 4 * image.height));
}

/// What people have besides, by its first bytes; empty: unknown.
std::string_view other_format(Bytes file) {
  struct Signature {
    std::string_view format;
    std::size_t at;
    std::string_view bytes;
  };
  using namespace std::string_view_literals;
  static constexpr Signature signatures[] = {
      {"WebP", 8, "WEBP"},   {"GIF", 0, "GIF8"},       {"TIFF", 0, "II*\0"sv},  {"TIFF", 0, "MM\0*"sv},
      {"HEIC", 4, "ftyphe"}, {"HEIC", 4, "ftypmif1"},  {"AVIF", 4, "ftypavif"}, {"PSD", 0, "8BPS"},
      {"PDF", 0, "%PDF"},    {"JPEG 2000", 4, "jP  "}, {"JPEG XL", 4, "JXL "},  {"JPEG XL", 0, "\xFF\x0A"},
      {"SVG", 0, "<svg"},    {"TIFF", 0, "II+\0"sv}};
  for (const Signature& s : signatures)
    if (file.size() >= s.at && starts_with(file.subspan(s.at), s.bytes)) return s.format;
  return {};
}

}  // namespace

ImageFile inspect_image_file(Bytes file) {
  if (file.empty()) throw Error("the file is empty");
  ImageFile image;
  if (starts_with(file, "\x89PNG\r\n\x1a\n")) {
    image.format = "PNG";
    walk_png(file, image);
  } else if (starts_with(file, "\xFF\xD8\xFF")) {
    image.format = "JPEG";
    walk_jpeg(file, image);
  } else if (starts_with(file, "BM")) {
    image.format = "BMP";
    walk_bmp(file, image);
  } else {
    const std::string_view other = other_format(file);
    throw Error(other.empty()
                    ? "not a PNG, JPEG or BMP image"
                    : "a " + std::string(other) + " file, which is not read: save it as PNG or JPEG");
  }
  return image;
}

}  // namespace backlight
