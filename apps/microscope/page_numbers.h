#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace backlight {

/// The arrays that a page carries, one after another, and what its header says of where they are.
class PageNumbers {
 public:
  // Each gives {"type", "at", "count"}, as apps/microscope/page/unpack.js reads it.
  nlohmann::json add(std::span<const float> numbers);
  nlohmann::json add(std::span<const std::int8_t> numbers);
  nlohmann::json add(std::span<const std::uint8_t> numbers);
  nlohmann::json add(std::span<const std::uint32_t> numbers);
  /// In half precision (IEEE 754 binary16), rounded to nearest.
  nlohmann::json add_halves(std::span<const float> numbers);

  /// All of it: the header's length (4 bytes, the lower first), the header as JSON, zeros up to a multiple of
  /// 8, the arrays; that as a zlib stream (RFC 1950), and this in base64.
  std::string packed(const nlohmann::json& header) const;

 private:
  nlohmann::json append(const char* type, std::span<const std::byte> bytes, std::size_t count);

  std::string bytes_;
};

}  // namespace backlight
