#include <array>

#include "engine/error.h"
#include "weights/hdf5/survey.h"

namespace backlight::hdf5 {
namespace {

Element element_of(hid_t type, const std::string& where) {
  const std::size_t bytes = H5Tget_size(type);
  if (H5Tget_class(type) == H5T_INTEGER && bytes <= 8 && H5Tget_sign(type) != H5T_SGN_ERROR)
    return Element::integer;
  if (H5Tget_class(type) == H5T_FLOAT) {
    if (bytes == 2) return Element::float16;
    if (bytes == 4) return Element::float32;
    if (bytes == 8) return Element::float64;
  }
  throw Error(where + ": expected floating-point numbers of 16, 32 or 64 bits or integers, found " +
              describe_type(type));
}

/// Whether the file holds the elements as this machine keeps them.
bool is_native(hid_t type) {
  return H5Tequal(type, H5T_NATIVE_FLOAT) > 0 || H5Tequal(type, H5T_NATIVE_DOUBLE) > 0 ||
         H5Tequal(type, H5T_NATIVE_INT64) > 0;
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

/// Whether the data pass through filters that change their size. Throws Error for one that this library has
/// not.
bool is_compressed(hid_t creation, const std::string& where) {
  bool compressed = false, deflated = false;
  const int filters = checked(H5Pget_nfilters(creation), where);
  for (int i = 0; i < filters; ++i) {
    std::size_t values = 0;
    std::array<char, 64> name{};
    const H5Z_filter_t filter = checked(H5Pget_filter2(creation, static_cast<unsigned>(i), nullptr, &values,
                                                       nullptr, name.size() - 1, name.data(), nullptr),
                                        where);
    if (H5Zfilter_avail(filter) <= 0)
      throw Error(where + ": is stored through filter " + std::to_string(filter) +
                  ", which this HDF5 library has not: rewrite the file with gzip (h5repack -f GZIP=4)");
    compressed |= filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32;
    if (filter == H5Z_FILTER_DEFLATE && std::exchange(deflated, true))
      throw Error(where + ": is deflated twice");
  }
  return compressed;
}

struct Chunks {
  std::int64_t rows = 1;       // of one
  std::uint64_t elements = 1;  // of all of them: those at the edges are whole as well
  std::uint64_t count = 1;
};

Chunks chunks_of(hid_t creation, const Shape& shape, const std::string& where) {
  std::array<hsize_t, H5S_MAX_RANK> extents;
  const int rank = checked(H5Pget_chunk(creation, H5S_MAX_RANK, extents.data()), where);
  if (rank != shape.rank()) throw Error(where + ": its chunks have another rank than itself");
  Chunks chunks{static_cast<std::int64_t>(extents[0])};
  for (int axis = 0; axis < rank; ++axis) {
    const hsize_t extent = extents[static_cast<std::size_t>(axis)], whole = static_cast<hsize_t>(shape[axis]);
    if (extent < 1 || extent > Shape::most_elements) throw Error(where + ": its chunks have no size");
    const hsize_t count = (whole + extent - 1) / extent;
    chunks.count *= count;
    if (__builtin_mul_overflow(chunks.elements, count * extent, &chunks.elements))
      throw Error(where + ": its chunks are larger than any file");
  }
  return chunks;
}

/// Throws Error unless every chunk of the dataset is stored.
void expect_chunks(hid_t dataset, std::uint64_t declared, const std::string& where) {
  const Handle space(checked(H5Dget_space(dataset), where), H5Sclose);
  hsize_t stored = 0;
  checked(H5Dget_num_chunks(dataset, space, &stored), where);
  if (stored != declared)
    throw Error(where + ": declares " + std::to_string(declared) + " chunks, of which the file stores " +
                std::to_string(stored));
}

}  // namespace

DatasetInfo inspect_dataset(hid_t dataset, const std::string& where) {
  const Handle type(checked(H5Dget_type(dataset), where), H5Tclose);
  DatasetInfo info{.shape = shape_of(dataset, where), .element = element_of(type, where)};

  // The file itself must store as much as the shape declares, so that an allocation of as much is safe.
  const Handle creation(checked(H5Dget_create_plist(dataset), where), H5Pclose);
  const H5D_layout_t layout = checked(H5Pget_layout(creation), where);
  if (layout == H5D_VIRTUAL || checked(H5Pget_external_count(creation), where) != 0)
    throw Error(where + ": expected data in the file itself, found data in another file or dataset");
  const Handle file(checked(H5Iget_file_id(dataset), where), H5Fclose);
  hsize_t file_bytes = 0;
  checked(H5Fget_filesize(file, &file_bytes), where);
  const hsize_t stored = H5Dget_storage_size(dataset);
  const bool chunked = layout == H5D_CHUNKED;
  const bool compressed = chunked && is_compressed(creation, where);
  const Chunks chunks = chunked ? chunks_of(creation, info.shape, where)
                                : Chunks{1, static_cast<std::uint64_t>(info.shape.elements())};
  std::uint64_t declared = 0;
  const bool overflows = __builtin_mul_overflow(chunks.elements, H5Tget_size(type), &declared);
  // Deflate (RFC 1951) spends at least 2 bits on a match of at most 258 bytes: no more than 1032 bytes of
  // one. Other filters are held to the same.
  const std::uint64_t expansion = compressed ? 1032 : 1;
  if (overflows || stored * expansion < declared || (!chunked && stored != declared))
    throw Error(where + ": shape " + to_string(info.shape) + " declares " + std::to_string(declared) +
                " bytes, the file stores " + std::to_string(stored));
  if (stored > file_bytes) throw Error(where + ": its data lie beyond the end of the file");
  if (chunked) expect_chunks(dataset, chunks.count, where);
  info.chunk_rows = chunks.rows;
  if (layout == H5D_CONTIGUOUS) {
    const haddr_t offset = H5Dget_offset(dataset);
    if (offset > file_bytes - stored) throw Error(where + ": its data lie beyond the end of the file");
    if (is_native(type)) info.offset = offset;
  }
  return info;
}

}  // namespace backlight::hdf5
