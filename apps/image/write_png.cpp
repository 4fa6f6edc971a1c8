#include <string>

#include "apps/image/image.h"
#include "apps/output.h"
#include "engine/error.h"

#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

namespace backlight {

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

void write_png(const std::filesystem::path& path, const Image& image) {
  std::string bytes;
  try {
    bytes = encode_png(image);
  } catch (const Error& error) {
    throw Error("cannot write " + path.string() + ": " + error.what());
  }
  write_output(path, bytes);
}

}  // namespace backlight
