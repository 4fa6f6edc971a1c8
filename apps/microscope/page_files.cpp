#include "apps/microscope/page_files.h"

// The assembler takes each file in as it is. (#embed is C++26.)
#define BACKLIGHT_PAGE_FILE(name, file)                                                 \
  asm(".section .rodata\nbacklight_page_" #name                                         \
      "_begin:\n"                                                                       \
      ".incbin \"" BACKLIGHT_PAGE_FOLDER "/" file                                       \
      "\"\n"                                                                            \
      "backlight_page_" #name "_end:\n.byte 0\n.previous\n");                           \
  extern "C" const char backlight_page_##name##_begin[], backlight_page_##name##_end[]; \
  static std::string_view name() { return {backlight_page_##name##_begin, backlight_page_##name##_end}; }

BACKLIGHT_PAGE_FILE(html, "page.html")
BACKLIGHT_PAGE_FILE(css, "style.css")
BACKLIGHT_PAGE_FILE(unpack, "unpack.js")
BACKLIGHT_PAGE_FILE(network, "network.js")
BACKLIGHT_PAGE_FILE(numbers, "numbers.js")
BACKLIGHT_PAGE_FILE(explain, "explain.js")
BACKLIGHT_PAGE_FILE(draw, "draw.js")
BACKLIGHT_PAGE_FILE(lessons, "lessons.js")
BACKLIGHT_PAGE_FILE(room, "room.js")
BACKLIGHT_PAGE_FILE(one_number, "one_number.js")
BACKLIGHT_PAGE_FILE(faith, "faith.js")
BACKLIGHT_PAGE_FILE(page, "main.js")

namespace backlight {

std::string_view page_template() { return html(); }
std::string_view page_style() { return css(); }
std::string page_script() {
  std::string script;
  for (const std::string_view part :
       {unpack(), network(), numbers(), explain(), draw(), lessons(), room(), one_number(), faith(), page()})
    script += part;
  return script;
}

}  // namespace backlight
