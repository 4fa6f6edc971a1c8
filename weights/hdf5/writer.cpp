#include "weights/hdf5/writer.h"

#include "engine/error.h"
#include "engine/whole_file.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

Handle file_in_memory(const void* owner) {
  const std::string where = "HDF5 file in memory";
  const Handle access(checked(H5Pcreate(H5P_FILE_ACCESS), where), H5Pclose);
  constexpr std::size_t growth = 1 << 20;
  checked(H5Pset_fapl_core(access, growth, /*backing_store=*/false), where);
  // The library tells open files in memory apart by their names.
  const std::string name = "backlight " + std::to_string(reinterpret_cast<std::uintptr_t>(owner));
  return Handle(checked(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), where), H5Fclose);
}

Handle string_type() {
  const std::string where = "HDF5 string type";
  Handle type(checked(H5Tcopy(H5T_C_S1), where), H5Tclose);
  checked(H5Tset_size(type, H5T_VARIABLE), where);
  checked(H5Tset_cset(type, H5T_CSET_UTF8), where);
  return type;
}

Handle scalar() { return Handle(checked(H5Screate(H5S_SCALAR), "HDF5 dataspace"), H5Sclose); }

Handle row(std::size_t elements) {
  const hsize_t extent = elements;
  return Handle(checked(H5Screate_simple(1, &extent, nullptr), "HDF5 dataspace"), H5Sclose);
}

void expect_text(const std::string& name, const std::string& text) {
  if (!is_text(text)) throw Error("attribute '" + name + "' to be written is not UTF-8 text");
}

}  // namespace

Writer::Writer() : file_(file_in_memory(this)) {}

void Writer::attribute(const std::string& name, const std::string& text) {
  expect_text(name, text);
  const Handle type = string_type();
  const char* pointer = text.c_str();
  write_attribute(name, type, type, scalar(), &pointer);
}

void Writer::attribute(const std::string& name, const std::vector<std::string>& texts) {
  const Handle type = string_type();
  std::vector<const char*> pointers;
  for (const std::string& text : texts) {
    expect_text(name, text);
    pointers.push_back(text.c_str());
  }
  write_attribute(name, type, type, row(texts.size()), pointers.data());
}

void Writer::attribute(const std::string& name, std::int64_t number) {
  write_attribute(name, H5T_STD_I64LE, H5T_NATIVE_INT64, scalar(), &number);
}

void Writer::attribute(const std::string& name, std::span<const double> numbers) {
  write_attribute(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, row(numbers.size()), numbers.data());
}

void Writer::group(const std::string& name) {
  const std::string where = "group '" + name + "'";
  const Handle creation(checked(H5Pcreate(H5P_GROUP_CREATE), where), H5Pclose);
  checked(H5Pset_obj_track_times(creation, false), where);
  const Handle group(checked(H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, creation, H5P_DEFAULT), where),
                     H5Gclose);
}

void Writer::dataset(const std::string& name, const Shape& shape, std::span<const float> values) {
  write_dataset(name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, shape, values.data());
}

void Writer::dataset(const std::string& name, const Shape& shape, std::span<const double> values) {
  write_dataset(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, shape, values.data());
}

void Writer::dataset(const std::string& name, const Shape& shape, std::span<const std::int64_t> values) {
  write_dataset(name, H5T_STD_I64LE, H5T_NATIVE_INT64, shape, values.data());
}

void Writer::dataset(const std::string& name, const Shape& shape, std::span<const std::uint8_t> values) {
  write_dataset(name, H5T_STD_U8LE, H5T_NATIVE_UINT8, shape, values.data(), /*deflated=*/true);
}

void Writer::write_attribute(const std::string& name, hid_t type, hid_t memory_type, const Handle& space,
                             const void* values) {
  const std::string where = "attribute '" + name + "'";
  const Handle attribute(
      checked(H5Acreate2(file_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), where), H5Aclose);
  checked(H5Awrite(attribute, memory_type, values), where);
}

void Writer::write_dataset(const std::string& name, hid_t type, hid_t memory_type, const Shape& shape,
                           const void* values, bool deflated) {
  const std::string where = "dataset '" + name + "'";
  const std::vector<hsize_t> extents(shape.extents().begin(), shape.extents().end());
  const Handle space(checked(H5Screate_simple(shape.rank(), extents.data(), nullptr), where), H5Sclose);
  const Handle creation(checked(H5Pcreate(H5P_DATASET_CREATE), where), H5Pclose);
  checked(H5Pset_obj_track_times(creation, false), where);
  if (deflated) {
    std::vector<hsize_t> chunk = extents;
    chunk.front() = 1;
    checked(H5Pset_chunk(creation, shape.rank(), chunk.data()), where);
    constexpr unsigned level = 4;
    checked(H5Pset_deflate(creation, level), where);
  }
  const Handle dataset(
      checked(H5Dcreate2(file_, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT), where),
      H5Dclose);
  checked(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), where);
}

void Writer::save(const std::filesystem::path& path) {
  const std::string where = printable(path.string());
  checked(H5Fflush(file_, H5F_SCOPE_GLOBAL), where);
  const ssize_t size = checked(H5Fget_file_image(file_, nullptr, 0), where);
  std::string image(static_cast<std::size_t>(size), '\0');
  checked(H5Fget_file_image(file_, image.data(), image.size()), where);
  write_whole_file(path, image);
}

}  // namespace backlight::hdf5
