#include <array>

#include "engine/error.h"
#include "weights/hdf5/chunks.h"
#include "weights/hdf5/library.h"
#include "weights/hdf5/reader.h"
#include "weights/hdf5/survey.h"

namespace backlight::hdf5 {
namespace {

hid_t memory_type(Element as) {
  if (as == Element::integer) return H5T_NATIVE_INT64;
  return as == Element::float32 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

class LibraryReader : public Reader {
 public:
  LibraryReader(Handle root, const std::string& where)
      : where_(where), root_(std::move(root)), contents_(survey(root_, where)) {}

  const Contents& contents() const override { return contents_; }

  void read(const Object& object, Rows rows, Element as, std::span<std::byte> into) const override {
    const Quiet quiet;
    const std::string where = where_ + ": dataset '" + object.path + "'";
    const Handle dataset(checked(H5Dopen2(root_, object.path.c_str(), H5P_DEFAULT), where), H5Dclose);
    const Handle space(checked(H5Dget_space(dataset), where), H5Sclose);
    std::array<hsize_t, H5S_MAX_RANK> start{}, count{};
    const int rank = checked(H5Sget_simple_extent_dims(space, count.data(), nullptr), where);
    if (rank > 0) {
      start[0] = static_cast<hsize_t>(rows.first), count[0] = static_cast<hsize_t>(rows.count);
      checked(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
              where);
    }
    const hsize_t elements = into.size() / (as == Element::float32 ? 4 : 8);
    if (checked(H5Sget_select_npoints(space), where) != static_cast<hssize_t>(elements))
      throw Error(where + ": has another size than before");
    const Handle memory(checked(H5Screate_simple(1, &elements, nullptr), where), H5Sclose);
    if (has_known_chunks(dataset, where))
      read_chunks(dataset, rows, memory_type(as), into, where);
    else
      checked(H5Dread(dataset, memory_type(as), memory, space, H5P_DEFAULT, into.data()), where);
  }

 private:
  std::string where_;
  Handle root_;
  Contents contents_;
};

}  // namespace

std::unique_ptr<Reader> read_here(const std::filesystem::path& path, const std::string& where) {
  const Quiet quiet;
  if (H5Fis_hdf5(path.c_str()) <= 0) throw Error(where + ": is not an HDF5 file");
  const Handle access(checked(H5Pcreate(H5P_FILE_ACCESS), where), H5Pclose);
  checked(H5Pset_fapl_sec2(access), where);
  checked(H5Pset_file_locking(access, false, true), where);
  const Handle file(checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), where), H5Fclose);
  return std::make_unique<LibraryReader>(Handle(checked(H5Gopen2(file, "/", H5P_DEFAULT), where), H5Gclose),
                                         where);
}

std::unique_ptr<Reader> read_here(std::span<const std::byte> image, const std::string& where) {
  const Quiet quiet;
  const Handle access(checked(H5Pcreate(H5P_FILE_ACCESS), where), H5Pclose);
  checked(H5Pset_fapl_core(access, 1 << 16, /*backing_store=*/false), where);
  // The library takes a pointer to what it may change, and copies it before it does.
  checked(H5Pset_file_image(access, const_cast<std::byte*>(image.data()), image.size()), where);
  const Handle file(checked(H5Fopen(where.c_str(), H5F_ACC_RDONLY, access), where), H5Fclose);
  return std::make_unique<LibraryReader>(Handle(checked(H5Gopen2(file, "/", H5P_DEFAULT), where), H5Gclose),
                                         where);
}

}  // namespace backlight::hdf5
