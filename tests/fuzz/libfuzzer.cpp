// For libFuzzer (clang++ -fsanitize=fuzzer), the same harness:  BACKLIGHT_FUZZ_READER=png libfuzzer CORPUS
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/readers.h"
#include "weights/reader_process.h"

namespace {

const backlight::fuzz::Reader& chosen() {
  const char* const name = std::getenv("BACKLIGHT_FUZZ_READER");
  for (const backlight::fuzz::Reader& reader : backlight::fuzz::readers())
    if (name && reader.name == name) return reader;
  std::fprintf(stderr, "libfuzzer: BACKLIGHT_FUZZ_READER must name a reader, one that `fuzz list` prints\n");
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const backlight::ReaderProcess hdf5_reader;
  static const backlight::fuzz::Reader& reader = chosen();
  reader.read({reinterpret_cast<const char*>(data), size});
  return 0;
}
