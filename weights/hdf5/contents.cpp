#include "weights/hdf5/contents.h"

#include <cstring>

#include "engine/error.h"

namespace backlight::hdf5 {
namespace {

// Numbers as they lie in memory; before what has a length, its length. `write` and `read` of a type stand
// side by side, so that one can see that they agree.

class Sink {
 public:
  std::string bytes;

  template <class T>
  requires std::is_arithmetic_v<T>
  void write(T number) { bytes.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void write(const std::string& text) {
    write(std::uint64_t{text.size()});
    bytes += text;
  }
  template <class T>
  void write(const std::vector<T>& list) {
    write(std::uint64_t{list.size()});
    for (const T& each : list) write(each);
  }
};

class Source {
 public:
  explicit Source(std::string_view bytes) : left_(bytes) {}

  template <class T>
  requires std::is_arithmetic_v<T>
  void read(T& number) { std::memcpy(&number, take(sizeof number).data(), sizeof number); }
  void read(std::string& text) { text = take(size()); }
  template <class T>
  void read(std::vector<T>& list) {
    list.resize(size());
    for (T& each : list) read(each);
  }
  template <class T>
  T read() {
    T value{};
    read(value);
    return value;
  }
  /// A number of elements that follow, none of which takes less than a byte.
  std::uint64_t size() {
    const auto size = read<std::uint64_t>();
    expect(size <= left_.size());
    return size;
  }
  bool at_end() const { return left_.empty(); }

  static void expect(bool holds) {
    if (!holds) throw Error("damaged HDF5 file: what was read of it makes no sense");
  }

 private:
  std::string_view take(std::uint64_t size) {
    expect(size <= left_.size());
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
};

void write(Sink& to, const Attribute& attribute) {
  to.write(attribute.type);
  to.write(attribute.error);
  to.write(static_cast<std::uint8_t>(attribute.values.index()));
  std::visit(
      [&]<class Values>(const Values& values) {
        if constexpr (!std::is_same_v<Values, std::monostate>) to.write(values);
      },
      attribute.values);
}

Attribute read_attribute(Source& from) {
  Attribute attribute;
  from.read(attribute.type);
  from.read(attribute.error);
  switch (from.read<std::uint8_t>()) {
    case 1:
      attribute.values = from.read<std::vector<std::string>>();
      break;
    case 2:
      attribute.values = from.read<std::vector<std::int64_t>>();
      break;
    case 3:
      attribute.values = from.read<std::vector<double>>();
      break;
  }
  return attribute;
}

void write(Sink& to, const DatasetInfo& dataset) {
  to.write(dataset.shape.extents());
  to.write(static_cast<std::uint8_t>(dataset.element));
  to.write(static_cast<std::uint8_t>(dataset.offset.has_value()));
  to.write(dataset.offset.value_or(0));
  to.write(dataset.chunk_rows);
}

DatasetInfo read_dataset(Source& from) {
  DatasetInfo dataset;
  dataset.shape = Shape(from.read<std::vector<std::int64_t>>());
  const auto element = from.read<std::uint8_t>();
  Source::expect(element <= static_cast<std::uint8_t>(Element::integer));
  dataset.element = static_cast<Element>(element);
  const bool has_offset = from.read<std::uint8_t>() != 0;
  const auto offset = from.read<std::uint64_t>();
  if (has_offset) dataset.offset = offset;
  from.read(dataset.chunk_rows);
  Source::expect(dataset.chunk_rows > 0);
  return dataset;
}

void write(Sink& to, const Object& object) {
  to.write(object.name);
  to.write(object.path);
  to.write(object.error);
  to.write(std::uint64_t{object.attributes.size()});
  for (const auto& [name, attribute] : object.attributes) {
    to.write(name);
    write(to, attribute);
  }
  to.write(static_cast<std::uint8_t>(object.what.index()));
  if (const auto* members = std::get_if<Object::Members>(&object.what)) {
    to.write(std::uint64_t{members->size()});
    for (const auto& [name, place] : *members) {
      to.write(name);
      to.write(place);
    }
  }
  if (const auto* dataset = std::get_if<DatasetInfo>(&object.what)) write(to, *dataset);
}

Object read_object(Source& from) {
  Object object;
  from.read(object.name);
  from.read(object.path);
  from.read(object.error);
  for (auto count = from.size(); count > 0; --count) {
    const auto name = from.read<std::string>();
    object.attributes[name] = read_attribute(from);
  }
  const auto what = from.read<std::uint8_t>();
  if (what == 1) {
    Object::Members members;
    for (auto count = from.size(); count > 0; --count) {
      const auto name = from.read<std::string>();
      from.read(members[name]);
    }
    object.what = std::move(members);
  }
  if (what == 2) object.what = read_dataset(from);
  return object;
}

}  // namespace

std::string to_bytes(const Contents& contents) {
  Sink to;
  to.write(std::uint64_t{contents.objects.size()});
  for (const Object& object : contents.objects) write(to, object);
  return to.bytes;
}

Contents contents_from(std::string_view bytes) {
  Source from(bytes);
  Contents contents;
  for (auto count = from.size(); count > 0; --count) contents.objects.push_back(read_object(from));
  Source::expect(from.at_end() && !contents.objects.empty() && contents.objects.front().is_group());
  for (const Object& object : contents.objects)
    if (const auto* members = std::get_if<Object::Members>(&object.what))
      for (const auto& [name, place] : *members) Source::expect(place < contents.objects.size());
  return contents;
}

}  // namespace backlight::hdf5
