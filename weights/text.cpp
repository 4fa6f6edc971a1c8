#include "weights/text.h"

#include <algorithm>

namespace backlight {

bool is_text(std::string_view bytes) {
  int following = 0;           // bytes that the current character still needs
  unsigned char least = 0x80;  // and the bounds of the next one of them: no overlong forms, no surrogates,
  unsigned char most = 0xBF;   // nothing above U+10FFFF
  for (const char signed_byte : bytes) {
    const auto byte = static_cast<unsigned char>(signed_byte);
    if (following > 0) {
      if (byte < least || byte > most) return false;
      least = 0x80, most = 0xBF;
      --following;
    } else if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) return false;
    } else {
      following = byte >= 0xC2 && byte <= 0xDF   ? 1
                  : byte >= 0xE0 && byte <= 0xEF ? 2
                  : byte >= 0xF0 && byte <= 0xF4 ? 3
                                                 : 0;
      if (following == 0) return false;
      if (byte == 0xE0) least = 0xA0;
      if (byte == 0xED) most = 0x9F;
      if (byte == 0xF0) least = 0x90;
      if (byte == 0xF4) most = 0x8F;
    }
  }
  return following == 0;
}

std::string printable(std::string_view name) {
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char letter) { return letter < ' ' || letter == 127; }, '?');
  return text;
}

}  // namespace backlight
