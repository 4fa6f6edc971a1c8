#include "apps/microscope/page_numbers.h"

#include <zlib.h>

#include <Eigen/Core>

#include "apps/html.h"
#include "engine/error.h"

namespace backlight {
namespace {

void pad(std::string& bytes) { bytes.resize((bytes.size() + 7) / 8 * 8); }

std::string deflated(const std::string& bytes) {
  uLongf length = compressBound(static_cast<uLong>(bytes.size()));
  std::string packed(length, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &length,
                reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uLong>(bytes.size()),
                Z_BEST_COMPRESSION) != Z_OK)
    throw Error("not enough memory to compress a page");
  packed.resize(length);
  return packed;
}

}  // namespace

nlohmann::json PageNumbers::append(const char* type, std::span<const std::byte> bytes, std::size_t count) {
  pad(bytes_);
  const nlohmann::json where{{"type", type}, {"at", bytes_.size()}, {"count", count}};
  bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return where;
}

nlohmann::json PageNumbers::add(std::span<const float> numbers) {
  return append("f32", std::as_bytes(numbers), numbers.size());
}
nlohmann::json PageNumbers::add(std::span<const std::int8_t> numbers) {
  return append("i8", std::as_bytes(numbers), numbers.size());
}
nlohmann::json PageNumbers::add(std::span<const std::uint8_t> numbers) {
  return append("u8", std::as_bytes(numbers), numbers.size());
}
nlohmann::json PageNumbers::add(std::span<const std::uint32_t> numbers) {
  return append("u32", std::as_bytes(numbers), numbers.size());
}

nlohmann::json PageNumbers::add_halves(std::span<const float> numbers) {
  std::vector<Eigen::half> halves;
  for (const float number : numbers) halves.emplace_back(number);
  return append("f16", std::as_bytes(std::span(halves)), halves.size());
}

std::string PageNumbers::packed(const nlohmann::json& header) const {
  const std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string all;
  for (int byte = 0; byte < 4; ++byte) all += static_cast<char>(text.size() >> 8 * byte & 255);
  all += text;
  pad(all);
  return base64(deflated(all + bytes_));
}

}  // namespace backlight
