#include "apps/image/bmp.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "apps/image/image.h"
#include "engine/error.h"

namespace {
// What the decoder may ask for at once: enough for the largest image allowed.
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

namespace backlight {

void decode_bmp(std::span<const std::uint8_t> file, int width, int height, const Row& row) {
  int found_width = 0, found_height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, decltype(&std::free)> rgba(
      stbi_load_from_memory(file.data(), int(file.size()), &found_width, &found_height, &channels, 4),
      std::free);
  if (!rgba) {
    const char* reason = stbi_failure_reason();
    throw Error(std::string("damaged or unsupported BMP (") + (reason ? reason : "no reason") + ")");
  }
  if (found_width != width || found_height != height) throw Error("damaged BMP (two headers)");
  constexpr std::size_t compression = 30;
  const bool os2 = file[14] == 12, bit_fields = !os2 && file[compression] == 3;
  std::vector<std::uint8_t> rgb(std::size_t{3} * static_cast<std::size_t>(width));
  for (int y = 0; y < height; ++y) {
    stbi_uc* const levels = rgba.get() + std::size_t{4} * width * y;
    if (!bit_fields)
      for (int x = 0; x < width; ++x) levels[4 * x + 3] = 255;
    composite_on_white(levels, width, rgb.data());
    row(rgb.data());
  }
}

}  // namespace backlight
