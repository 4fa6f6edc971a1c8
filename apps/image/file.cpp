#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "apps/image/container.h"
#include "apps/image/image.h"
#include "apps/image/jpeg.h"
#include "apps/image/orientation.h"
#include "apps/image/png.h"
#include "apps/output.h"
#include "engine/error.h"

namespace {
// What the decoder may ask for at once: enough for the largest image allowed, in 16-bit RGBA. A small file of
// zeros upon zeros that inflates without end is stopped here.
constexpr std::size_t max_decoder_allocation = std::size_t(1) << 30;
void* bounded_realloc(void* old, std::size_t size) {
  return size <= max_decoder_allocation ? std::realloc(old, size) : nullptr;
}
}  // namespace

#define STBI_MALLOC(size) bounded_realloc(nullptr, size)
#define STBI_REALLOC(old, size) bounded_realloc(old, size)
#define STBI_FREE(old) std::free(old)
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS backlight::max_image_side
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

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

/// By stb_image. The fourth byte of a pixel is alpha only where the header has a mask for it: without
/// bit fields it means nothing.
Image decode_bmp(std::span<const std::uint8_t> file) {
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, decltype(&std::free)> rgba(
      stbi_load_from_memory(file.data(), int(file.size()), &width, &height, &channels, 4), std::free);
  if (!rgba) {
    const char* reason = stbi_failure_reason();
    throw Error(std::string("damaged or unsupported BMP (") + (reason ? reason : "no reason") + ")");
  }
  constexpr std::size_t compression = 30;
  const bool os2 = file[14] == 12, bit_fields = !os2 && file[compression] == 3;
  const std::size_t pixels = std::size_t(width) * std::size_t(height);
  if (!bit_fields)
    for (std::size_t i = 0; i < pixels; ++i) rgba.get()[4 * i + 3] = 255;
  return composited_on_white(rgba.get(), width, height);
}

}  // namespace

Image decode_image(std::span<const std::uint8_t> file) {
  const ImageFile header = inspect_image_file(file);
  const Image image = header.format == "PNG"    ? decode_png(file)
                      : header.format == "JPEG" ? decode_jpeg(file)
                                                : decode_bmp(file);
  if (image.width != header.width || image.height != header.height)
    throw Error("damaged " + std::string(header.format) + " (two headers)");
  const int orientation = exif_orientation(header.exif);
  return orientation == 1 ? image : upright(image, orientation);
}

Image load_image(const fs::path& path) {
  try {
    return decode_image(read_file(path));
  } catch (const std::exception& error) {
    throw Error("cannot read the image " + path.string() + ": " + error.what());
  }
}

std::string encode_png(const Image& image) {
  std::string bytes;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), std::size_t(size));
  };
  if (!stbi_write_png_to_func(append, &bytes, image.width, image.height, 3, image.pixels.data(),
                              3 * image.width))
    throw Error("no PNG can be made of " + std::to_string(image.width) + " x " +
                std::to_string(image.height) + " pixels");
  return bytes;
}

void write_png(const fs::path& path, const Image& image) {
  std::string bytes;
  try {
    bytes = encode_png(image);
  } catch (const Error& error) {
    throw Error("cannot write " + path.string() + ": " + error.what());
  }
  write_output(path, bytes);
}

}  // namespace backlight
