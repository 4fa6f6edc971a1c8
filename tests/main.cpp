// BACKLIGHT_ISA=avx2 runs the tests with the kernels of that instruction set. Where the machine has none of
// that name they are skipped: exit status 77.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "kernels/instruction_set.h"

int main(int argc, char** argv) {
  if (const char* wanted = std::getenv("BACKLIGHT_ISA"); wanted && !backlight::use_instruction_set(wanted)) {
    std::printf("skipped: this machine has no %s\n", wanted);
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
