#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "apps/image/image.h"
#include "engine/error.h"
#include "tests/fuzz/readers.h"

namespace backlight::fuzz {

std::vector<std::string> picture_seeds(std::string_view extension) {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(FIXTURES "/images"))
    if (entry.path().extension() == extension && entry.file_size() < 100'000)
      seeds.push_back(bytes_of(entry.path()));
  std::ranges::sort(seeds);  // the file system has no order
  return seeds;
}

bool read_picture(std::string_view input) {
  try {
    const Image image = decode_image({reinterpret_cast<const std::uint8_t*>(input.data()), input.size()});
    if (image.width < 1 || image.height < 1 ||
        image.pixels.size() != std::size_t(3) * std::size_t(image.width) * std::size_t(image.height))
      throw std::logic_error("an image of another size than it says");
    return true;
  } catch (const Error&) {
    return false;
  }
}

namespace {

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void put_big_endian(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 4; i-- > 0; value >>= 8) bytes[at + i] = static_cast<char>(value & 255);
}

}  // namespace

/// Changes a chunk's contents, or its place, and mends its checksum: so the damage gets past it.
void change_png(std::string& input, Random& random) {
  constexpr std::size_t signature = 8, around = 12;  // length, name and checksum
  std::vector<std::string> chunks;
  for (std::size_t at = signature; at + around <= input.size();) {
    const std::size_t whole = std::min<std::size_t>(big_endian(input, at) + around, input.size() - at);
    chunks.push_back(input.substr(at, whole));
    at += whole;
  }
  if (chunks.empty()) return;
  std::string& chosen = chunks[random() % chunks.size()];
  switch (random() % 4) {
    case 0:
      std::swap(chosen, chunks[random() % chunks.size()]);
      break;
    case 1:
      chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(random() % chunks.size()),
                    std::string(chosen));
      break;
    default:
      if (chosen.size() > around)
        chosen[8 + random() % (chosen.size() - around)] ^= static_cast<char>(1 + random() % 255);
      break;
  }
  input.resize(signature);
  for (std::string& chunk : chunks) {
    if (chunk.size() >= around) {
      const auto* const body = reinterpret_cast<const Bytef*>(chunk.data() + 4);
      put_big_endian(chunk, chunk.size() - 4,
                     static_cast<std::uint32_t>(crc32(0, body, static_cast<uInt>(chunk.size() - 8))));
    }
    input += chunk;
  }
}

}  // namespace backlight::fuzz
