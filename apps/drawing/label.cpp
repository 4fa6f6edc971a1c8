// Text below a picture.
#include <algorithm>
#include <string>

#include "apps/drawing/dot_font.h"
#include "apps/drawing/label.h"
#include "apps/drawing/stroke.h"

namespace backlight {
namespace {

/// Cuts at line feeds and, where a line would be wider than `columns`, at its last space, or within a word
/// that is too long by itself.
std::vector<std::string> wrap(std::string_view text, int columns) {
  std::vector<std::string> lines(1);
  for (const char character : text) {
    if (character == '\n') {
      lines.emplace_back();
      continue;
    }
    lines.back() += character;
    if (character == ' ') continue;  // it may hang over the edge, where it does not show
    while (lines.back().size() > 1 && dots_across(lines.back()) > columns) {
      std::string& line = lines.back();
      const std::size_t space = line.rfind(' ');
      const bool within_word = space == std::string::npos;
      std::string rest = line.substr(within_word ? line.size() - 1 : space + 1);
      line.resize(within_word ? line.size() - 1 : space);
      lines.push_back(std::move(rest));
    }
  }
  return lines;
}

}  // namespace

Image label(const Image& image, std::string_view text, int scale) {
  constexpr int line_rows = glyph_rows + 2, top_rows = 3;
  const std::vector<std::string> lines = wrap(in_ascii(text), image.width / scale);
  Image labelled(image.width, image.height + scale * (top_rows + line_rows * int(lines.size())), 255);
  std::copy(image.pixels.begin(), image.pixels.end(), labelled.pixels.begin());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int top = image.height + scale * (top_rows + line_rows * int(i));
    const int left = (image.width / scale - dots_across(lines[i])) / 2 * scale;
    write_text(labelled, lines[i], {double(left), double(top + scale * (glyph_baseline + 1))}, scale,
               {32, 32, 32});
  }
  return labelled;
}

}  // namespace backlight
