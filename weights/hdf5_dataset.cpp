#include <type_traits>

#include "engine/error.h"
#include "weights/hdf5.h"

namespace backlight::hdf5 {
namespace {

Element element_of(hid_t dataset, const std::string& where) {
  const Handle type(checked(H5Dget_type(dataset), where), H5Tclose);
  const auto is = [&](hid_t little, hid_t big) {
    return H5Tequal(type, little) > 0 || H5Tequal(type, big) > 0;
  };
  if (is(H5T_IEEE_F32LE, H5T_IEEE_F32BE)) return Element::float32;
  if (is(H5T_IEEE_F64LE, H5T_IEEE_F64BE)) return Element::float64;
  if (is(H5T_STD_I64LE, H5T_STD_I64BE)) return Element::int64;
  throw Error(where + ": expected IEEE float32, float64 or int64 elements, found " + describe_type(type));
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

/// Whether the data pass through deflate. Throws Error for a filter that is not one of the three standard
/// ones.
bool is_deflated(hid_t creation, const std::string& where) {
  bool deflated = false;
  const int filters = checked(H5Pget_nfilters(creation), where);
  for (int i = 0; i < filters; ++i) {
    std::size_t values = 0;
    const H5Z_filter_t filter = checked(
        H5Pget_filter2(creation, static_cast<unsigned>(i), nullptr, &values, nullptr, 0, nullptr, nullptr),
        where);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
      throw Error(where + ": expected no filters but deflate, shuffle and fletcher32, found filter " +
                  std::to_string(filter));
    if (filter == H5Z_FILTER_DEFLATE && std::exchange(deflated, true))
      throw Error(where + ": is deflated twice");
  }
  return deflated;
}

/// Throws Error unless every chunk of the dataset is stored.
void check_chunks(hid_t dataset, hid_t creation, const Shape& shape, const std::string& where) {
  std::array<hsize_t, H5S_MAX_RANK> extents;
  const int rank = checked(H5Pget_chunk(creation, H5S_MAX_RANK, extents.data()), where);
  if (rank != shape.rank()) throw Error(where + ": its chunks have another rank than itself");
  hsize_t declared = 1;
  for (int axis = 0; axis < rank; ++axis) {
    const hsize_t extent = extents[static_cast<std::size_t>(axis)], whole = static_cast<hsize_t>(shape[axis]);
    if (extent < 1 || extent > whole) throw Error(where + ": its chunks are larger than itself");
    declared *= (whole + extent - 1) / extent;
  }
  const Handle space(checked(H5Dget_space(dataset), where), H5Sclose);
  hsize_t stored = 0;
  checked(H5Dget_num_chunks(dataset, space, &stored), where);
  if (stored != declared)
    throw Error(where + ": declares " + std::to_string(declared) + " chunks, of which the file stores " +
                std::to_string(stored));
}

/// Throws Error unless the file itself stores as much as the shape declares: an allocation of `bytes` is
/// safe.
void check_storage(hid_t dataset, const Shape& shape, std::uint64_t bytes, const std::string& where) {
  const Handle creation(checked(H5Dget_create_plist(dataset), where), H5Pclose);
  const H5D_layout_t layout = checked(H5Pget_layout(creation), where);
  if (layout == H5D_VIRTUAL || checked(H5Pget_external_count(creation), where) != 0)
    throw Error(where + ": expected data in the file itself, found data in another file or dataset");

  const Handle file(checked(H5Iget_file_id(dataset), where), H5Fclose);
  hsize_t file_bytes = 0;
  checked(H5Fget_filesize(file, &file_bytes), where);
  const hsize_t stored = H5Dget_storage_size(dataset);
  // Deflate (RFC 1951) spends at least 2 bits on a match of at most 258 bytes: no more than 1032 bytes of
  // one.
  const std::uint64_t expansion = layout == H5D_CHUNKED && is_deflated(creation, where) ? 1032 : 1;
  const bool exact = layout != H5D_CHUNKED;
  if (stored * expansion < bytes || (exact && stored != bytes))
    throw Error(where + ": shape " + to_string(shape) + " declares " + std::to_string(bytes) +
                " bytes, the file stores " + std::to_string(stored));
  if (stored > file_bytes || (layout == H5D_CONTIGUOUS && H5Dget_offset(dataset) > file_bytes - stored))
    throw Error(where + ": its data lie beyond the end of the file");
  if (layout == H5D_CHUNKED) check_chunks(dataset, creation, shape, where);
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
    case Element::float32:
      return "float32";
    case Element::float64:
      return "float64";
    case Element::int64:
      return "int64";
  }
  return {};
}

Dataset::Dataset(Handle object, std::string where) : object_(std::move(object)), where_(std::move(where)) {
  if (H5Iget_type(object_) != H5I_DATASET) throw Error(where_ + ": is not a dataset");
  element_ = element_of(object_, where_);
  shape_ = shape_of(object_, where_);
  const std::uint64_t element_size = element_ == Element::float32 ? 4 : 8;
  check_storage(object_, shape_, static_cast<std::uint64_t>(shape_.elements()) * element_size, where_);
}

template <class T>
void Dataset::read(std::span<T> into) const {
  const Quiet quiet;
  if (std::is_integral_v<T> != (element_ == Element::int64))
    throw Error(where_ + (std::is_integral_v<T> ? ": expected int64, found floating-point elements"
                                                : ": expected float32 or float64 elements, found int64"));
  if (static_cast<std::int64_t>(into.size()) != shape_.elements())
    throw Error(where_ + ": expected " + std::to_string(into.size()) + " elements, found " +
                std::to_string(shape_.elements()));
  checked(H5Dread(object_, memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, into.data()), where_);
}

template void Dataset::read(std::span<float>) const;
template void Dataset::read(std::span<double>) const;
template void Dataset::read(std::span<std::int64_t>) const;

}  // namespace backlight::hdf5
