// For libFuzzer, one program for each reader (clang++ -fsanitize=fuzzer): the same harness.
#include "tests/fuzz/readers.h"
#include "weights/reader_process.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const backlight::ReaderProcess hdf5_reader;
  for (const backlight::fuzz::Reader& reader : backlight::fuzz::readers())
    if (reader.name == BACKLIGHT_FUZZ_READER) reader.read({reinterpret_cast<const char*>(data), size});
  return 0;
}
