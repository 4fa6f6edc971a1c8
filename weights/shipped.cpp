#include "weights/shipped.h"

// The assembler takes the file in as it is. (#embed is C++26.)
asm(R"(
  .section .rodata
  .balign 16
backlight_shipped_weights_begin:
  .incbin ")" BACKLIGHT_SHIPPED_WEIGHTS R"("
backlight_shipped_weights_end:
  .byte 0
  .previous
)");

extern "C" const std::byte backlight_shipped_weights_begin[], backlight_shipped_weights_end[];

namespace backlight {

std::span<const std::byte> shipped_weights() {
  return {backlight_shipped_weights_begin, backlight_shipped_weights_end};
}

}  // namespace backlight
