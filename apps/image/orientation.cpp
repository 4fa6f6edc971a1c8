#include "apps/image/orientation.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

namespace backlight {

int exif_orientation(std::span<const std::uint8_t> exif) {
  if (exif.empty()) return 1;
  constexpr std::string_view header("Exif\0\0", 6);  // libexif wants the TIFF structure behind it
  std::vector<std::uint8_t> block(header.begin(), header.end());
  block.insert(block.end(), exif.begin(), exif.end());
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(
      exif_data_new_from_data(block.data(), unsigned(block.size())), exif_data_unref);
  const ExifEntry* entry =
      data ? exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION) : nullptr;
  if (!entry || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

Image upright(const Image& stored, int orientation) {
  // Which way the stored rows and columns run: 2, 3, 7, 8 from right to left, 3, 4, 6, 7 from bottom to top,
  // and from 5 on the stored rows are the upright image's columns.
  const bool leftwards = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool upwards = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool swapped = orientation >= 5;
  Image image(swapped ? stored.height : stored.width, swapped ? stored.width : stored.height);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const int column = swapped ? y : x, row = swapped ? x : y;
      std::copy_n(
          stored.at(leftwards ? stored.width - 1 - column : column, upwards ? stored.height - 1 - row : row),
          3, image.at(x, y));
    }
  return image;
}

}  // namespace backlight
