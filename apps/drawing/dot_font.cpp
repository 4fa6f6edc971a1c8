#include "apps/drawing/dot_font.h"

#include <algorithm>

namespace backlight {
namespace {

// The characters from ' ' to '~', 16 in a band of 9 rows, each in a cell of 5 columns and a blank one.
constexpr int cell = 6, glyphs_in_band = 16;
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
    "#   #  #        #     #  # #  ####  #        #  #   # #   # ##     #     #    ####    #       #",
    "#   #  #       #    ##  #  #      # ####    #    ###   #### ##     #    #              #     # ",
    "#   #  #      #       # #####     # #   #   #   #   #     #              #    ####    #     #  ",
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

}  // namespace

bool ink(char character, int x, int y) {
  const int glyph = (character < ' ' || character > '~' ? '?' : character) - ' ';
  return font[glyph / glyphs_in_band * glyph_rows + y][glyph % glyphs_in_band * cell + x] == '#';
}

int dots_across(char character) {
  int width = character == ' ' ? 2 : 0;
  for (int y = 0; y < glyph_rows; ++y)
    for (int x = 0; x < cell - 1; ++x)
      if (ink(character, x, y)) width = std::max(width, x + 1);
  return width;
}

int dots_across(std::string_view text) {
  int width = -1;
  for (const char character : text) width += dots_across(character) + 1;
  return std::max(width, 0);
}

std::string in_ascii(std::string_view text) {
  std::string result;
  for (const char character : text)
    if ((character & 0xC0) != 0x80)  // not within one character of UTF-8
      result += (character & 0x80) == 0 ? character : '?';
  return result;
}

}  // namespace backlight
