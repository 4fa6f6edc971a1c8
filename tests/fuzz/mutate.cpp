#include "tests/fuzz/mutate.h"

#include <algorithm>

namespace backlight::fuzz {
namespace {

/// A number of 1, 2, 4 or 8 bytes that readers may stumble over, in either byte order.
void put_extreme(std::string& input, std::size_t at, Random& random) {
  constexpr std::uint64_t extremes[] = {0,
                                        1,
                                        0x7F,
                                        0x80,
                                        0xFF,
                                        0x7FFF,
                                        0x8000,
                                        0xFFFF,
                                        0x7FFFFFFF,
                                        0x80000000,
                                        0xFFFFFFFF,
                                        0x7FFFFFFFFFFFFFFF,
                                        0xFFFFFFFFFFFFFFFF};
  std::uint64_t value = extremes[random() % std::size(extremes)];
  const std::size_t size = std::min<std::size_t>(std::size_t{1} << random() % 4, input.size() - at);
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i, value >>= 8) bytes += static_cast<char>(value & 255);
  if (random() % 2 == 0) std::ranges::reverse(bytes);
  input.replace(at, size, bytes);
}

}  // namespace

void mutate(std::string& input, const std::vector<std::string>& seeds, Random& random) {
  for (std::size_t changes = 1 + random() % 8; changes > 0; --changes) {
    if (input.empty()) input = "\n";
    const std::size_t at = random() % input.size();
    const std::size_t length = std::min<std::size_t>(1 + random() % 64, input.size() - at);
    switch (random() % 8) {
      case 0:
      case 1:
        input[at] ^= static_cast<char>(1 << random() % 8);
        break;
      case 2:
        input[at] = static_cast<char>(random());
        break;
      case 3:
      case 4:
        put_extreme(input, at, random);
        break;
      case 5:
        input.erase(at, length);
        break;
      case 6:
        input.insert(at, input.substr(random() % input.size(), length));
        break;
      default: {
        const std::string& other = seeds[random() % seeds.size()];
        if (!other.empty()) input.insert(at, other.substr(random() % other.size(), length));
        break;
      }
    }
  }
  constexpr std::size_t longest = std::size_t{4} << 20;
  if (input.size() > longest) input.resize(longest);
}

}  // namespace backlight::fuzz
