#pragma once

#include <string>
#include <string_view>

// The letters of all pictures: dots on a grid, 5 across at most. Capitals stand on row 6, counted from 0 at
// the top; rows 7 and 8 are for what hangs below.

namespace backlight {

constexpr int glyph_rows = 9, glyph_baseline = 6;

/// Whether dot x (0 to 4), y (0 to glyph_rows - 1) of a character is set. What is not printable ASCII is
/// drawn as a question mark.
bool ink(char character, int x, int y);

/// Columns of ink; a space is 2 wide.
int dots_across(char character);
/// The same for a line of text, with one blank column after each character but the last.
int dots_across(std::string_view text);

/// One question mark for each character of UTF-8 that is not ASCII.
std::string in_ascii(std::string_view text);

}  // namespace backlight
