#include "apps/image/png.h"

#include <png.h>

#include <cstring>
#include <string>
#include <vector>

#include "apps/image/image.h"
#include "engine/error.h"

namespace backlight {
namespace {

/// A decoder over a file in memory. libpng leaves by longjmp, which runs no destructor: it is called within
/// guard() alone, and what it says is kept where it can be read afterwards.
class Decoder {
 public:
  explicit Decoder(std::span<const std::uint8_t> file) : left_(file) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, [](png_structp, png_const_charp) {});
    if (png_) info_ = png_create_info_struct(png_);
    if (info_) png_set_read_fn(png_, this, read_bytes);
  }
  Decoder(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Nothing in `calls` may need a destructor. Throws Error where libpng gives up.
  template <class Calls>
  void guard(Calls calls) {
    if (!info_) throw Error("out of memory");
    if (setjmp(png_jmpbuf(png_))) throw Error(std::string("damaged PNG (") + reason_ + ")");
    calls(png_, info_);
  }

 private:
  static void fail(png_structp png, png_const_charp message) {
    auto& decoder = *static_cast<Decoder*>(png_get_error_ptr(png));
    std::strncpy(decoder.reason_, message ? message : "no reason given", sizeof reason_ - 1);
    longjmp(png_jmpbuf(png), 1);
  }
  static void read_bytes(png_structp png, png_bytep to, std::size_t count) {
    auto& left = static_cast<Decoder*>(png_get_io_ptr(png))->left_;
    if (count > left.size()) png_error(png, "the file is cut short");
    std::memcpy(to, left.data(), count);
    left = left.subspan(count);
  }

  std::span<const std::uint8_t> left_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  char reason_[128] = "";
};

}  // namespace

void decode_png(std::span<const std::uint8_t> file, int width, int height, const Row& row) {
  Decoder decoder(file);
  int passes = 1;
  decoder.guard([&](png_structp png, png_infop info) {
    png_set_user_limits(png, max_image_side, max_image_side);
    png_set_chunk_malloc_max(png, std::size_t{64} << 20);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(png, info);
    if (static_cast<int>(png_get_image_width(png, info)) != width ||
        static_cast<int>(png_get_image_height(png, info)) != height)
      png_error(png, "two headers");
    png_set_expand(png);  // palettes, 1 to 4 bits, a transparent colour
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != std::size_t{4} * static_cast<std::size_t>(width))
      png_error(png, "its rows have an unexpected size");
  });
  // Of an interlaced picture every pass adds to all rows, and so all are kept.
  const std::size_t size = std::size_t{4} * static_cast<std::size_t>(width);
  std::vector<std::uint8_t> rgba(passes == 1 ? size : size * static_cast<std::size_t>(height)),
      rgb(3 * size / 4);
  const auto read_row = [&](std::uint8_t* to) {
    decoder.guard([to](png_structp png, png_infop) { png_read_row(png, to, nullptr); });
  };
  for (int pass = 1; pass < passes; ++pass)
    for (int y = 0; y < height; ++y) read_row(rgba.data() + size * y);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* const levels = rgba.data() + (passes == 1 ? 0 : size * y);
    read_row(levels);
    composite_on_white(levels, width, rgb.data());
    row(rgb.data());
  }
  decoder.guard([](png_structp png, png_infop) { png_read_end(png, nullptr); });
}

}  // namespace backlight
