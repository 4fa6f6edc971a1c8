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
  std::string text;
  while (!name.empty()) {
    std::size_t length = 1;  // of the next character: as few bytes as make one
    while (length < std::min<std::size_t>(4, name.size()) && !is_text(name.substr(0, length))) ++length;
    const std::string_view character = name.substr(0, length);
    const bool shows = is_text(character) && character != "\t" && character != "\n";
    text += shows ? character : "?";
    name.remove_prefix(shows ? length : 1);
  }
  return text;
}

}  // namespace backlight
