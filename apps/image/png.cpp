#include "apps/image/png.h"

#include <png.h>

#include <cstring>
#include <string>

#include "engine/error.h"

namespace backlight {
namespace {

struct Source {
  const std::uint8_t* at;
  std::size_t left;
};

void read_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (count > source.left) png_error(png, "the file is cut short");
  std::memcpy(to, source.at, count);
  source.at += count;
  source.left -= count;
}

/// libpng leaves by longjmp, which runs no destructor: what it says is kept where it can be read afterwards.
void fail(png_structp png, png_const_charp message) {
  auto* text = static_cast<char*>(png_get_error_ptr(png));
  std::strncpy(text, message ? message : "it gives no reason", 127);
  longjmp(png_jmpbuf(png), 1);
}
void ignore(png_structp, png_const_charp) {}

/// Fills `rgba`, 4·width·height bytes. False where libpng gave up. Nothing in it needs a destructor.
bool read_rgba(png_structp png, png_infop info, int width, int height, std::uint8_t* rgba) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_read_info(png, info);
  if (static_cast<int>(png_get_image_width(png, info)) != width ||
      static_cast<int>(png_get_image_height(png, info)) != height)
    png_error(png, "two headers");
  png_set_expand(png);  // palettes, 1 to 4 bits, a transparent colour
  png_set_strip_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != std::size_t{4} * static_cast<std::size_t>(width))
    png_error(png, "its rows have an unexpected size");
  for (int pass = 0; pass < passes; ++pass)
    for (int y = 0; y < height; ++y) png_read_row(png, rgba + std::size_t{4} * width * y, nullptr);
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

Image composited_on_white(const std::uint8_t* rgba, int width, int height) {
  Image image(width, height);
  for (std::size_t i = 0; i < image.pixels.size() / 3; ++i) {
    const int alpha = rgba[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c)
      image.pixels[3 * i + c] =
          static_cast<std::uint8_t>((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  return image;
}

Image decode_png(std::span<const std::uint8_t> file) {
  // IHDR is the first chunk: its place has been checked.
  const auto number = [&](std::size_t at) {
    return file[at] << 24 | file[at + 1] << 16 | file[at + 2] << 8 | file[at + 3];
  };
  const int width = number(16), height = number(20);
  std::vector<std::uint8_t> rgba(std::size_t{4} * width * height);
  char reason[128] = "";
  Source source{file.data(), file.size()};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reason, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  bool read = false;
  if (info) {
    png_set_read_fn(png, &source, read_bytes);
    png_set_user_limits(png, max_image_side, max_image_side);
    png_set_chunk_malloc_max(png, std::size_t{64} << 20);
    read = read_rgba(png, info, width, height, rgba.data());
  }
  png_destroy_read_struct(&png, &info, nullptr);
  if (!read) throw Error(std::string("damaged PNG (") + (reason[0] ? reason : "out of memory") + ")");
  return composited_on_white(rgba.data(), width, height);
}

}  // namespace backlight
