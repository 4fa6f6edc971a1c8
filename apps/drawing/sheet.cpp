// Pictures enlarged and side by side.
#include <algorithm>

#include "apps/drawing/sheet.h"
#include "engine/error.h"

namespace backlight {
namespace {

void paste(const Image& part, int left, int top, Image& sheet) {
  for (int y = 0; y < part.height; ++y) std::copy_n(part.at(0, y), 3 * part.width, sheet.at(left, top + y));
}

void check_sheet(std::int64_t width, std::int64_t height) {
  if (width > max_image_side || height > max_image_side || width * height > max_image_pixels)
    throw Error("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                " pixels is too large: at most " + std::to_string(max_image_side) + " a side and " +
                std::to_string(max_image_pixels) + " in all are drawn");
}

}  // namespace

Image enlarge(const Image& image, int factor) {
  check_sheet(std::int64_t(factor) * image.width, std::int64_t(factor) * image.height);
  Image large(image.width * factor, image.height * factor);
  for (int y = 0; y < large.height; ++y)
    for (int x = 0; x < large.width; ++x) std::copy_n(image.at(x / factor, y / factor), 3, large.at(x, y));
  return large;
}

Image enlarge_to(const Image& image, int side) {
  const int shorter = std::max(1, std::min(image.width, image.height));
  return enlarge(image, std::max(1, (side + shorter - 1) / shorter));
}

Image montage(const std::vector<std::vector<Image>>& rows, int margin) {
  std::vector<int> widths, heights;  // of the columns and of the rows
  for (const std::vector<Image>& row : rows) {
    heights.push_back(0);
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column) {
      heights.back() = std::max(heights.back(), row[column].height);
      widths[column] = std::max(widths[column], row[column].width);
    }
  }
  const auto total = [margin](const std::vector<int>& sizes) {
    std::int64_t sum = margin;
    for (const int size : sizes) sum += size + margin;
    return sum;
  };
  check_sheet(total(widths), total(heights));
  Image sheet(int(total(widths)), int(total(heights)), 255);
  int top = margin;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    int left = margin;
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      const Image& part = rows[r][c];
      paste(part, left + (widths[c] - part.width) / 2, top, sheet);
      left += widths[c] + margin;
    }
    top += heights[r] + margin;
  }
  return sheet;
}

}  // namespace backlight
