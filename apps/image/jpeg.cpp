#include "apps/image/jpeg.h"

#include <csetjmp>
#include <cstdio>
// After <cstdio>, which it needs:
#include <jerror.h>
#include <jpeglib.h>

#include <string>
#include <vector>

#include "engine/error.h"

namespace backlight {
namespace {

/// A progressive file of a few hundred kilobytes can ask for thousands of passes over all blocks. Programs
/// write ten or so.
constexpr int most_scans = 100;

/// A decoder over a file in memory. libjpeg leaves by longjmp, which runs no destructor: it is called within
/// guard() alone.
class Decoder {
 public:
  Decoder() {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = fail;
    errors_.emit_message = warn;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = watch;
    guard([this] {
      jpeg_create_decompress(&jpeg_);
      jpeg_.progress = &progress_;
    });
  }
  Decoder(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&jpeg_); }

  /// Nothing in `calls` may need a destructor. Throws Error where libjpeg gives up.
  template <class Calls>
  void guard(Calls calls) {
    if (setjmp(leave_)) throw Error(std::string("damaged JPEG (") + reason_ + ")");
    calls();
  }

  jpeg_decompress_struct& jpeg() { return jpeg_; }

 private:
  static Decoder& of(j_common_ptr jpeg) { return *static_cast<Decoder*>(jpeg->client_data); }

  /// libjpeg must not come back from here.
  [[noreturn]] static void fail(j_common_ptr jpeg) {
    jpeg->err->format_message(jpeg, of(jpeg).reason_);
    std::longjmp(of(jpeg).leave_, 1);
  }

  /// Level −1: the data are not what they should be. Most of these are damage; those below harm no pixel.
  static void warn(j_common_ptr jpeg, int level) {
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

  static void watch(j_common_ptr jpeg) {
    Decoder& decoder = of(jpeg);
    if (decoder.jpeg_.input_scan_number <= most_scans) return;
    std::snprintf(decoder.reason_, sizeof reason_, "more than %d scans", most_scans);
    std::longjmp(decoder.leave_, 1);
  }

  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf leave_;
  char reason_[JMSG_LENGTH_MAX] = "";
};

}  // namespace

void decode_jpeg(std::span<const std::uint8_t> file, int width, int height, const Row& row) {
  Decoder decoder;
  jpeg_decompress_struct& jpeg = decoder.jpeg();
  decoder.guard([&] {
    jpeg_mem_src(&jpeg, file.data(), file.size());
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&jpeg);
  });
  if (static_cast<int>(jpeg.output_width) != width || static_cast<int>(jpeg.output_height) != height)
    throw Error("damaged JPEG (two headers)");
  const auto components = static_cast<std::size_t>(jpeg.output_components);
  const std::size_t pixels = jpeg.output_width;
  std::vector<std::uint8_t> levels(pixels * components), rgb(3 * pixels);
  for (int y = 0; y < height; ++y) {
    JSAMPROW to = levels.data();
    decoder.guard([&] { jpeg_read_scanlines(&jpeg, &to, 1); });
    if (components == 3) {
      row(levels.data());
      continue;
    }
    for (std::size_t i = 0; i < pixels; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        rgb[3 * i + c] = static_cast<std::uint8_t>((levels[4 * i + c] * levels[4 * i + 3] + 127) / 255);
    row(rgb.data());
  }
  decoder.guard([&] { jpeg_finish_decompress(&jpeg); });
}

}  // namespace backlight
