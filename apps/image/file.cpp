#include <fstream>
#include <string>
#include <system_error>

#include "apps/image/bmp.h"
#include "apps/image/container.h"
#include "apps/image/image.h"
#include "apps/image/jpeg.h"
#include "apps/image/orientation.h"
#include "apps/image/photo.h"
#include "apps/image/png.h"
#include "engine/error.h"

namespace backlight {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t max_file_size = std::uintmax_t(512) << 20;

std::vector<std::uint8_t> read_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw Error(error ? error.message() : "no such file");
  if (fs::is_directory(status)) throw Error("it is a folder");
  if (!fs::is_regular_file(status)) throw Error("it is not a regular file");
  const std::uintmax_t size = fs::file_size(path);
  if (size > max_file_size)
    throw Error("the file has " + std::to_string(size) + " bytes, at most " + std::to_string(max_file_size) +
                " are read");
  std::vector<std::uint8_t> bytes(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(size)))
    throw Error("it cannot be read");
  return bytes;
}

void decode_rows(std::span<const std::uint8_t> file, const ImageFile& header, const Row& row) {
  const auto decode = header.format == "PNG"    ? decode_png
                      : header.format == "JPEG" ? decode_jpeg
                                                : decode_bmp;
  decode(file, header.width, header.height, row);
}

Image decode_stored(std::span<const std::uint8_t> file, const ImageFile& header) {
  Image image(header.width, header.height);
  std::uint8_t* to = image.pixels.data();
  const std::size_t count = std::size_t{3} * static_cast<std::size_t>(header.width);
  decode_rows(file, header, [&](const std::uint8_t* rgb) { to = std::copy_n(rgb, count, to); });
  return image;
}

template <class Decode>
auto decoded(const fs::path& path, Decode decode) {
  try {
    return decode(read_file(path));
  } catch (const std::exception& error) {
    throw Error("cannot read the image " + path.string() + ": " + error.what());
  }
}

}  // namespace

Image decode_image(std::span<const std::uint8_t> file) {
  const ImageFile header = inspect_image_file(file);
  const int orientation = exif_orientation(header.exif);
  const Image stored = decode_stored(file, header);
  return orientation == 1 ? stored : upright(stored, orientation);
}

Image load_image(const fs::path& path) {
  return decoded(path, [](const std::vector<std::uint8_t>& file) { return decode_image(file); });
}

Photo decode_photo(std::span<const std::uint8_t> file, const Frame& frame) {
  const ImageFile header = inspect_image_file(file);
  const int orientation = exif_orientation(header.exif);
  if (orientation != 1) {
    const Image image = upright(decode_stored(file, header), orientation);
    const Framing framing = frame(image.width, image.height);
    return {framing, resize(image, framing.width, framing.height)};
  }
  const Framing framing = frame(header.width, header.height);
  Resizer resizer(header.width, header.height, framing.width, framing.height);
  decode_rows(file, header, [&](const std::uint8_t* rgb) { resizer.row(rgb); });
  return {framing, resizer.resized()};
}

Photo load_photo(const fs::path& path, const Frame& frame) {
  return decoded(path, [&](const std::vector<std::uint8_t>& file) { return decode_photo(file, frame); });
}

}  // namespace backlight
