#include "apps/image/jpeg.h"

#include <csetjmp>
#include <cstdio>
// After <cstdio>, which it needs:
#include <jerror.h>
#include <jpeglib.h>

#include <string>

#include "engine/error.h"

namespace backlight {
namespace {

/// A progressive file of a few hundred kilobytes can ask for thousands of passes over all blocks. Programs
/// write ten or so.
constexpr int most_scans = 100;

struct Reader {
  jpeg_decompress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf leave;
  char reason[JMSG_LENGTH_MAX];
};

Reader& reader_of(j_common_ptr jpeg) { return *static_cast<Reader*>(jpeg->client_data); }

/// libjpeg must not come back from here.
[[noreturn]] void fail(j_common_ptr jpeg) {
  Reader& reader = reader_of(jpeg);
  jpeg->err->format_message(jpeg, reader.reason);
  std::longjmp(reader.leave, 1);
}

/// Level −1: the data are not what they should be. Most of these are damage; those below harm no pixel.
void warn(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_MUST_RESYNC:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
      return;
    default:
      fail(jpeg);
  }
}
void print_nothing(j_common_ptr) {}

void watch(j_common_ptr jpeg) {
  Reader& reader = reader_of(jpeg);
  if (reader.jpeg.input_scan_number <= most_scans) return;
  std::snprintf(reader.reason, sizeof reader.reason, "more than %d scans", most_scans);
  std::longjmp(reader.leave, 1);
}

/// Nothing in it needs a destructor. `levels` has room for the components of all pixels, and is asked for
/// once they are known.
bool read_levels(Reader& reader, std::span<const std::uint8_t> file,
                 std::uint8_t* (*room)(void* context, int width, int height, int components), void* context) {
  jpeg_decompress_struct& jpeg = reader.jpeg;
  if (setjmp(reader.leave)) return false;
  jpeg_create_decompress(&jpeg);
  jpeg.progress = &reader.progress;
  jpeg_mem_src(&jpeg, file.data(), file.size());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  std::uint8_t* const levels = room(context, static_cast<int>(jpeg.output_width),
                                    static_cast<int>(jpeg.output_height), jpeg.output_components);
  if (!levels) {
    std::snprintf(reader.reason, sizeof reader.reason, "two headers");
    return false;
  }
  const std::size_t stride =
      std::size_t{jpeg.output_width} * static_cast<std::size_t>(jpeg.output_components);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = levels + stride * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

struct Levels {
  int width = 0, height = 0, components = 0;
  std::vector<std::uint8_t> all = {};
};

}  // namespace

Image decode_jpeg(std::span<const std::uint8_t> file) {
  Reader reader{};
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.jpeg.client_data = &reader;
  reader.errors.error_exit = fail;
  reader.errors.emit_message = warn;
  reader.errors.output_message = print_nothing;
  reader.progress.progress_monitor = watch;
  Levels levels;
  const auto room = [](void* context, int width, int height, int components) -> std::uint8_t* {
    auto& to = *static_cast<Levels*>(context);
    if (width > max_image_side || height > max_image_side || std::int64_t{width} * height > max_image_pixels)
      return nullptr;
    to = {width, height, components};
    to.all.resize(std::size_t(width) * std::size_t(height) * std::size_t(components));
    return to.all.data();
  };
  const bool read = read_levels(reader, file, room, &levels);
  jpeg_destroy_decompress(&reader.jpeg);
  if (!read) throw Error(std::string("damaged JPEG (") + reader.reason + ")");
  Image image(levels.width, levels.height);
  if (levels.components == 3) {
    image.pixels = std::move(levels.all);
    return image;
  }
  for (std::size_t i = 0; i < image.pixels.size() / 3; ++i) {
    const int black = levels.all[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c)
      image.pixels[3 * i + c] = static_cast<std::uint8_t>((levels.all[4 * i + c] * black + 127) / 255);
  }
  return image;
}

}  // namespace backlight
