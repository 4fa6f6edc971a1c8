#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/shape.h"

namespace backlight::hdf5 {

/// What a dataset is made of, once it is read: float16 is any floating-point type of 16 bits, bfloat16 too;
/// integers have up to 64 bits, with a sign or without.
enum class Element : std::uint8_t { float16, float32, float64, integer };

/// What a file says under an attribute's name: texts, integers or numbers; or nothing that can be read, and
/// then why.
struct Attribute {
  using Values =
      std::variant<std::monostate, std::vector<std::string>, std::vector<std::int64_t>, std::vector<double>>;
  Values values = {};
  std::string type = {};   // as messages call it
  std::string error = {};  // why it cannot be read; "" where it can
};

/// A dataset that has been checked: as much memory as the shape asks for may be allocated.
struct DatasetInfo {
  Shape shape = {};
  Element element = Element::float32;
  /// Where the elements lie in the file one after another, as this machine keeps them: they can be read
  /// without the library. None where they are in chunks, filtered or of another type.
  std::optional<std::uint64_t> offset = {};
  std::int64_t chunk_rows = 1;  // of the first axis that are best read together
};

/// Anything that has a name.
struct Object {
  std::string name, path;  // "conv1", "gradients/conv1"
  std::string error = {};  // why it can be neither opened nor read; "" where it can
  std::variant<std::monostate, std::map<std::string, std::uint32_t>, DatasetInfo> what = {};
  std::map<std::string, Attribute> attributes = {};  // of groups

  using Members = std::map<std::string, std::uint32_t>;  // of a group: places in Contents
  bool is_group() const { return std::holds_alternative<Members>(what); }
};

/// All that a file holds but the elements of its datasets. The root group comes first.
struct Contents {
  std::vector<Object> objects;
};

/// The contents as bytes, and back. The bytes may come from a process that a damaged file has taken over:
/// throws Error where they are not those of contents whose every place exists.
std::string to_bytes(const Contents& contents);
Contents contents_from(std::string_view bytes);

}  // namespace backlight::hdf5
