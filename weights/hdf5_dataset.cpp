#include <type_traits>

#include "engine/error.h"
#include "weights/hdf5.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

/// A floating-point type of 16 bits: sign, exponent, mantissa with an implied leading 1, as IEEE 754 has
/// them.
Handle half_type(std::size_t mantissa, std::size_t bias, H5T_order_t order) {
  const std::string where = "HDF5 float type";
  Handle type(checked(H5Tcopy(H5T_IEEE_F32LE), where), H5Tclose);
  checked(H5Tset_fields(type, 15, mantissa, 15 - mantissa, 0, mantissa), where);
  checked(H5Tset_size(type, 2), where);
  checked(H5Tset_ebias(type, bias), where);
  checked(H5Tset_order(type, order), where);
  return type;
}

Element element_of(hid_t type, const std::string& where) {
  const auto is = [&](hid_t little, hid_t big) {
    return H5Tequal(type, little) > 0 || H5Tequal(type, big) > 0;
  };
  const auto is_half = [&](std::size_t mantissa, std::size_t bias) {
    return is(half_type(mantissa, bias, H5T_ORDER_LE), half_type(mantissa, bias, H5T_ORDER_BE));
  };
  const auto is_integer = [&] {
    return is(H5T_STD_I8LE, H5T_STD_I8BE) || is(H5T_STD_U8LE, H5T_STD_U8BE) ||
           is(H5T_STD_I16LE, H5T_STD_I16BE) || is(H5T_STD_U16LE, H5T_STD_U16BE) ||
           is(H5T_STD_I32LE, H5T_STD_I32BE) || is(H5T_STD_U32LE, H5T_STD_U32BE) ||
           is(H5T_STD_I64LE, H5T_STD_I64BE) || is(H5T_STD_U64LE, H5T_STD_U64BE);
  };
  if (is(H5T_IEEE_F32LE, H5T_IEEE_F32BE)) return Element::float32;
  if (is(H5T_IEEE_F64LE, H5T_IEEE_F64BE)) return Element::float64;
  if (is_half(10, 15)) return Element::float16;
  if (is_half(7, 127)) return Element::bfloat16;
  if (is_integer()) return Element::integer;
  throw Error(where + ": expected float16, float32, float64 or integers, found " + describe_type(type));
}

Shape shape_of(hid_t dataset, const std::string& where) {
  const Handle space(checked(H5Dget_space(dataset), where), H5Sclose);
  if (H5Sget_simple_extent_type(space) == H5S_NULL) throw Error(where + ": is empty");
  const int rank = checked(H5Sget_simple_extent_ndims(space), where);
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  checked(H5Sget_simple_extent_dims(space, extents.data(), nullptr), where);
  try {  // an extent above the int64 range turns negative here, and is refused
    return Shape(std::vector<std::int64_t>(extents.begin(), extents.end()));
  } catch (const Error& error) {
    throw Error(where + ": " + error.what());
  }
}

/// Throws Error for a filter that the library has not, and for data that are deflated twice.
void check_filters(hid_t creation, const std::string& where) {
  bool deflated = false;
  const int filters = checked(H5Pget_nfilters(creation), where);
  for (int i = 0; i < filters; ++i) {
    std::size_t values = 0;
    char name[64] = "";
    const H5Z_filter_t filter = checked(H5Pget_filter2(creation, static_cast<unsigned>(i), nullptr, &values,
                                                       nullptr, sizeof name, name, nullptr),
                                        where);
    if (H5Zfilter_avail(filter) <= 0)
      throw Error(where + ": its filter " + std::to_string(filter) + " (" + printable(name) +
                  ") is not in this HDF5 library: store it with deflate, or without a filter");
    if (filter == H5Z_FILTER_DEFLATE && std::exchange(deflated, true))
      throw Error(where + ": is deflated twice");
  }
}

/// Throws Error unless every chunk of the dataset is stored. A chunk may reach beyond the dataset, as in one
/// that may still grow, but is held in memory whole.
void check_chunks(hid_t dataset, hid_t creation, const Shape& shape, std::size_t element_size,
                  const std::string& where) {
  constexpr hsize_t most_beyond = 1 << 24;  // bytes
  std::array<hsize_t, H5S_MAX_RANK> extents;
  const int rank = checked(H5Pget_chunk(creation, H5S_MAX_RANK, extents.data()), where);
  if (rank != shape.rank()) throw Error(where + ": its chunks have another rank than itself");
  hsize_t declared = 1, bytes = element_size;
  for (int axis = 0; axis < rank; ++axis) {
    const hsize_t extent = extents[static_cast<std::size_t>(axis)], whole = static_cast<hsize_t>(shape[axis]);
    if (extent < 1) throw Error(where + ": its chunks are empty");
    declared *= (whole + extent - 1) / extent;
    bytes *= extent;  // of 4 GB at most: HDF5's own bound
  }
  if (bytes > most_beyond && bytes > static_cast<hsize_t>(shape.elements()) * element_size)
    throw Error(where + ": its chunks of " + std::to_string(bytes) + " bytes are larger than itself");
  const Handle space(checked(H5Dget_space(dataset), where), H5Sclose);
  hsize_t stored = 0;
  checked(H5Dget_num_chunks(dataset, space, &stored), where);
  if (stored != declared)
    throw Error(where + ": declares " + std::to_string(declared) + " chunks, of which the file stores " +
                std::to_string(stored));
}

/// Throws Error unless the file itself stores as much as the shape declares: an allocation of so many bytes
/// is safe, but for filters, which may make a thousand times as much of the file.
void check_storage(hid_t dataset, const Shape& shape, std::size_t element_size, const std::string& where) {
  const std::uint64_t bytes = static_cast<std::uint64_t>(shape.elements()) * element_size;
  const Handle creation(checked(H5Dget_create_plist(dataset), where), H5Pclose);
  const H5D_layout_t layout = checked(H5Pget_layout(creation), where);
  if (layout == H5D_VIRTUAL || checked(H5Pget_external_count(creation), where) != 0)
    throw Error(where + ": expected data in the file itself, found data in another file or dataset");

  const Handle file(checked(H5Iget_file_id(dataset), where), H5Fclose);
  hsize_t file_bytes = 0;
  checked(H5Fget_filesize(file, &file_bytes), where);
  const hsize_t stored = H5Dget_storage_size(dataset);
  check_filters(creation, where);
  // Deflate (RFC 1951) spends at least 2 bits on a match of at most 258 bytes: no more than 1032 bytes of
  // one. Other filters make no more of what is not constant.
  const std::uint64_t expansion = checked(H5Pget_nfilters(creation), where) > 0 ? 1032 : 1;
  const bool exact = layout != H5D_CHUNKED;
  if (stored * expansion < bytes || (exact && stored != bytes))
    throw Error(where + ": shape " + to_string(shape) + " declares " + std::to_string(bytes) +
                " bytes, the file stores " + std::to_string(stored));
  if (stored > file_bytes || (layout == H5D_CONTIGUOUS && H5Dget_offset(dataset) > file_bytes - stored))
    throw Error(where + ": its data lie beyond the end of the file");
  if (layout == H5D_CHUNKED) check_chunks(dataset, creation, shape, element_size, where);
}

template <class T>
hid_t memory_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
}

}  // namespace

std::string to_string(Element element) {
  switch (element) {
    case Element::float16:
      return "float16";
    case Element::bfloat16:
      return "bfloat16";
    case Element::float32:
      return "float32";
    case Element::float64:
      return "float64";
    case Element::integer:
      return "integers";
  }
  return {};
}

Dataset::Dataset(Handle object, std::string where) : object_(std::move(object)), where_(std::move(where)) {
  if (H5Iget_type(object_) != H5I_DATASET) throw Error(where_ + ": is not a dataset");
  const Handle type(checked(H5Dget_type(object_), where_), H5Tclose);
  element_ = element_of(type, where_);
  shape_ = shape_of(object_, where_);
  check_storage(object_, shape_, H5Tget_size(type), where_);
}

template <class T>
void Dataset::read(std::span<T> into) const {
  const Quiet quiet;
  if (std::is_integral_v<T> != (element_ == Element::integer))
    throw Error(where_ + ": expected " + (std::is_integral_v<T> ? "integers" : "floating-point elements") +
                ", found " + to_string(element_));
  if (static_cast<std::int64_t>(into.size()) != shape_.elements())
    throw Error(where_ + ": expected " + std::to_string(into.size()) + " elements, found " +
                std::to_string(shape_.elements()));
  checked(H5Dread(object_, memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, into.data()), where_);
}

template void Dataset::read(std::span<float>) const;
template void Dataset::read(std::span<double>) const;
template void Dataset::read(std::span<std::int64_t>) const;

}  // namespace backlight::hdf5
