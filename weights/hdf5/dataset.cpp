#include <algorithm>
#include <type_traits>

#include "engine/error.h"
#include "weights/hdf5/file.h"
#include "weights/hdf5/open_file.h"

namespace backlight::hdf5 {
namespace {

constexpr std::int64_t block_bytes = std::int64_t{16} << 20;  // read at a time where it is through a process

/// Elements that lie in the file one after another as S, without the library.
template <class S, class T>
void read_directly(const OpenFile& file, std::uint64_t offset, std::span<T> into, const std::string& where) {
  if constexpr (std::is_same_v<S, T>) {
    file.read_bytes(offset, std::as_writable_bytes(into), where);
  } else {
    std::vector<S> block(std::min<std::size_t>(into.size(), 16'384));
    while (!into.empty()) {
      const std::span<S> some(block.data(), std::min(block.size(), into.size()));
      file.read_bytes(offset, std::as_writable_bytes(some), where);
      std::ranges::transform(some, into.begin(), [](S value) { return static_cast<T>(value); });
      offset += some.size_bytes();
      into = into.subspan(some.size());
    }
  }
}

template <class T>
constexpr Element element_of() {
  if constexpr (std::is_same_v<T, std::int64_t>) return Element::integer;
  return std::is_same_v<T, float> ? Element::float32 : Element::float64;
}

/// Whole rows of chunks at a time, so that each chunk is decoded once.
template <class T>
void read_by_library(const Reader& reader, const Object& object, const DatasetInfo& info, std::span<T> into) {
  const std::int64_t all = info.shape.rank() > 0 ? info.shape[0] : 1, row = info.shape.elements() / all;
  const std::int64_t chunk = std::min(info.chunk_rows, all),
                     block = std::max<std::int64_t>(
                                 1, block_bytes / static_cast<std::int64_t>(sizeof(T)) / row / chunk) *
                             chunk;
  for (std::int64_t first = 0; first < all; first += block) {
    const Rows rows{first, std::min(block, all - first)};
    reader.read(object, rows, element_of<T>(),
                std::as_writable_bytes(into.subspan(static_cast<std::size_t>(first * row),
                                                    static_cast<std::size_t>(rows.count * row))));
  }
}

}  // namespace

std::string to_string(Element element) {
  switch (element) {
    case Element::float16:
      return "float16";
    case Element::float32:
      return "float32";
    case Element::float64:
      return "float64";
    case Element::integer:
      return "integers";
  }
  return {};
}

const Shape& Dataset::shape() const { return std::get<DatasetInfo>(object_->what).shape; }
Element Dataset::element() const { return std::get<DatasetInfo>(object_->what).element; }

template <class T>
void Dataset::read(std::span<T> into) const {
  const auto& info = std::get<DatasetInfo>(object_->what);
  if (std::is_integral_v<T> != (info.element == Element::integer))
    throw Error(where_ + ": expected " + (std::is_integral_v<T> ? "integers" : "floating-point elements") +
                ", found " + to_string(info.element));
  if (static_cast<std::int64_t>(into.size()) != info.shape.elements())
    throw Error(where_ + ": expected " + std::to_string(into.size()) + " elements, found " +
                std::to_string(info.shape.elements()));
  if (!info.offset)
    read_by_library(file_->reader(), *object_, info, into);
  else if constexpr (std::is_integral_v<T>)
    read_directly<T>(*file_, *info.offset, into, where_);
  else if (info.element == Element::float32)
    read_directly<float>(*file_, *info.offset, into, where_);
  else
    read_directly<double>(*file_, *info.offset, into, where_);
}

template void Dataset::read(std::span<float>) const;
template void Dataset::read(std::span<double>) const;
template void Dataset::read(std::span<std::int64_t>) const;

}  // namespace backlight::hdf5
