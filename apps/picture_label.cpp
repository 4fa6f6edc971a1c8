// Text below a picture, in a dot font of its own.
#include <algorithm>
#include <string>

#include "apps/picture.h"

namespace backlight {
namespace {

// The characters from ' ' to '~', 16 in a band of 9 rows, each in a cell of 5 columns and a blank one; a
// glyph is as wide as its ink. Capitals stand on row 6, and rows 7 and 8 are for what hangs below.
constexpr int glyph_rows = 9, cell = 6, glyphs_in_band = 16;
// clang-format off
constexpr std::string_view font[] = {
    "      #     # #    # #    #   ##  #  ##   #       #   #                                       #",
    "      #     # #    # #   #### ##  # #  #  #      #     #    # # #   #                         #",
    "      #           ##### # #      #  #  #        #       #    ###    #                        # ",
    "      #            # #   ###    #    ##         #       #   ##### #####       ###           #  ",
    "      #           #####   # #  #    # # #       #       #    ###    #                      #   ",
    "                   # #  ####  #  ## #  #         #     #    # # #   #    #          ##    #    ",
    "      #            # #    #   #  ##  ## #         #   #                  #          ##    #    ",
    "                                                                        #                      ",
    "                                                                                               ",
    " ###   #     ###   ###     #  #####   ##  #####  ###   ###                 #        #      ### ",
    "#   # ##    #   # #   #   ##  #      #        # #   # #   #               #          #    #   #",
    "#  ##  #        #     #  # #  ####  #        #  #   # #   # ##     #     #    ####    #       #",
    "# # #  #       #    ##  #  #      # ####    #    ###   #### ##     #    #              #     # ",
    "##  #  #      #       # #####     # #   #   #   #   #     #              #    ####    #     #  ",
    "#   #  #     #    #   #    #  #   # #   #  #    #   #    #  ##     #      #          #         ",
    " ###  ###   #####  ###     #   ###   ###   #     ###   ##   ##     #       #        #       #  ",
    "                                                                  #                            ",
    "                                                                                               ",
    " ###   ###  ####   ###  ####  ##### #####  ###  #   # ###     ### #   # #     #   # #   #  ### ",
    "#   # #   # #   # #   # #   # #     #     #   # #   #  #       #  #  #  #     ## ## ##  # #   #",
    "# ### #   # #   # #     #   # #     #     #     #   #  #       #  # #   #     # # # ##  # #   #",
    "# # # ##### ####  #     #   # ####  ####  # ### #####  #       #  ##    #     # # # # # # #   #",
    "# ### #   # #   # #     #   # #     #     #   # #   #  #       #  # #   #     #   # #  ## #   #",
    "#     #   # #   # #   # #   # #     #     #   # #   #  #    #  #  #  #  #     #   # #  ## #   #",
    " #### #   # ####   ###  ####  ##### #      #### #   # ###    ##   #   # ##### #   # #   #  ### ",
    "                                                                                               ",
    "                                                                                               ",
    "####   ###  ####   #### ##### #   # #   # #   # #   # #   # ##### ###   #     ###     #        ",
    "#   # #   # #   # #       #   #   # #   # #   # #   # #   #     # #     #       #    # #       ",
    "#   # #   # #   # #       #   #   # #   # #   #  # #   # #     #  #      #      #   #   #      ",
    "####  #   # ####   ###    #   #   # #   # # # #   #     #     #   #       #     #              ",
    "#     # # # # #       #   #   #   #  # #  # # #  # #    #    #    #        #    #              ",
    "#     #  #  #  #      #   #   #   #  # #  ## ## #   #   #   #     #         #   #              ",
    "#      ## # #   # ####    #    ###    #   #   # #   #   #   ##### ###       # ###              ",
    "                                                                                          #####",
    "                                                                                               ",
    "#           #               #         ##        #      #      #   #     ##                     ",
    " #          #               #        #          #                 #      #                     ",
    "       ###  ####   ###   ####  ###  ####   #### ####  ##     ##   #  #   #    ## #  ####   ### ",
    "          # #   # #     #   # #   #  #    #   # #   #  #      #   # #    #    # # # #   # #   #",
    "       #### #   # #     #   # #####  #    #   # #   #  #      #   ##     #    # # # #   # #   #",
    "      #   # #   # #     #   # #      #    #   # #   #  #      #   # #    #    # # # #   # #   #",
    "       #### ####   ###   ####  ###   #     #### #   # ###     #   #  #  ###   # # # #   #  ### ",
    "                                              #               #                                ",
    "                                           ###              ##                                 ",
    "                         #                                          ##  #     ##               ",
    "                         #                                         #    #       #              ",
    "####   #### # ##   #### ####  #   # #   # #   # #   # #   # #####  #    #       #              ",
    "#   # #   # ##    #      #    #   # #   # #   #  # #  #   #    #  #     #        #   #  #      ",
    "#   # #   # #      ###   #    #   # #   # # # #   #   #   #   #    #    #       #   # ##       ",
    "#   # #   # #         #  #    #   #  # #  # # #  # #  #   #  #     #    #       #              ",
    "####   #### #     ####    ##   ####   #    # #  #   #  #### #####   ##  #     ##               ",
    "#         #                                               #             #                      ",
    "#         #                                            ###                                     ",
};
// clang-format on

bool ink(char character, int x, int y) {
  const int glyph = (character < ' ' || character > '~' ? '?' : character) - ' ';
  return font[glyph / glyphs_in_band * glyph_rows + y][glyph % glyphs_in_band * cell + x] == '#';
}

/// Columns of ink, without the gap that follows; a space is 2 wide.
int width_of(char character) {
  int width = character == ' ' ? 2 : 0;
  for (int y = 0; y < glyph_rows; ++y)
    for (int x = 0; x < cell - 1; ++x)
      if (ink(character, x, y)) width = std::max(width, x + 1);
  return width;
}

int width_of(std::string_view text) {
  int width = -1;
  for (const char character : text) width += width_of(character) + 1;
  return std::max(width, 0);
}

/// Cuts at line feeds and, where a line would be wider than `columns`, at its last space, or within a word
/// that is too long by itself.
std::vector<std::string> wrap(std::string_view text, int columns) {
  std::vector<std::string> lines(1);
  for (const char character : text) {
    if ((character & 0xC0) == 0x80) continue;  // within one character of UTF-8
    if (character == '\n') {
      lines.emplace_back();
      continue;
    }
    lines.back() += character;
    if (character == ' ') continue;  // it may hang over the edge, where it does not show
    while (lines.back().size() > 1 && width_of(lines.back()) > columns) {
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
  const std::vector<std::string> lines = wrap(text, image.width / scale);
  Image labelled(image.width, image.height + scale * (top_rows + line_rows * int(lines.size())), 255);
  std::copy(image.pixels.begin(), image.pixels.end(), labelled.pixels.begin());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int top = image.height + scale * (top_rows + line_rows * int(i));
    int left = (image.width / scale - width_of(lines[i])) / 2 * scale;
    for (const char character : lines[i]) {
      for (int y = 0; y < glyph_rows * scale; ++y)
        for (int x = 0; x < width_of(character) * scale; ++x)
          if (ink(character, x / scale, y / scale) && left + x >= 0 && left + x < labelled.width)
            std::fill_n(labelled.at(left + x, top + y), 3, std::uint8_t(32));
      left += (width_of(character) + 1) * scale;
    }
  }
  return labelled;
}

}  // namespace backlight
