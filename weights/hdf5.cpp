#include "weights/hdf5.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "engine/error.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

/// Far more names than any network has tensors: a damaged file may lead the library round in circles.
constexpr std::size_t most_names = 100'000;

extern "C" herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names_of_caller) {
  try {
    auto& names = *static_cast<std::vector<std::string>*>(names_of_caller);
    names.emplace_back(name);
    return names.size() < most_names ? 0 : -1;
  } catch (...) {  // an exception must not pass through C
    return -1;
  }
}

extern "C" herr_t collect_message(unsigned depth, const H5E_error2_t* error, void* message_of_caller) {
  try {
    if (depth == 0 && error->desc) *static_cast<std::string*>(message_of_caller) = error->desc;
    return 0;
  } catch (...) {
    return -1;
  }
}

}  // namespace

Quiet::Quiet() {
  // At the end of the program the library would close what is still open, and complain on standard error of
  // what a damaged file made it lose. Nothing is: all handles here close themselves. (Without effect where
  // the program has used the library before.)
  [[maybe_unused]] static const herr_t once = H5dont_atexit();
  H5Eget_auto2(H5E_DEFAULT, &print_, &client_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Quiet::~Quiet() { H5Eset_auto2(H5E_DEFAULT, print_, client_); }

Handle::~Handle() {
  if (id_ < 0) return;
  const Quiet quiet;
  close_(id_);
}

void refuse_last_error(const std::string& where) {
  std::string message;
  // The innermost function knows best what is wrong.
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect_message, &message);
  throw Error(where + ": damaged or refused by HDF5: " + printable(message));
}

std::string describe_type(hid_t type) {
  const std::string bits = std::to_string(8 * H5Tget_size(type));
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return "float" + bits;
    case H5T_INTEGER:
      return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits;
    case H5T_STRING:
      return "a string";
    case H5T_COMPOUND:
      return "a compound type";
    default:
      return "another type";
  }
}

Group open_file(const std::filesystem::path& path) {
  const Quiet quiet;
  const std::string where = printable(path.string());
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) throw Error(where + ": there is no such file");
  if (is_directory(status)) throw Error(where + ": expected an HDF5 file, found a folder");
  if (!is_regular_file(status)) throw Error(where + ": is not a regular file that can be read");
  if (!std::ifstream(path))
    throw Error(where + ": cannot be read: " + std::generic_category().message(errno));
  if (H5Fis_hdf5(path.c_str()) <= 0) throw Error(where + ": is not an HDF5 file");

  const Handle access(checked(H5Pcreate(H5P_FILE_ACCESS), where), H5Pclose);
  checked(H5Pset_fapl_sec2(access), where);
  checked(H5Pset_file_locking(access, false, true), where);
  const Handle file(checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), where), H5Fclose);
  return Group(Handle(checked(H5Gopen2(file, "/", H5P_DEFAULT), where), H5Gclose), where, "");
}

Group open_image(std::span<const std::byte> image, const std::string& name) {
  const Quiet quiet;
  const Handle access(checked(H5Pcreate(H5P_FILE_ACCESS), name), H5Pclose);
  checked(H5Pset_fapl_core(access, 1 << 16, /*backing_store=*/false), name);
  // The library takes a pointer to what it may change, and copies it before it does.
  checked(H5Pset_file_image(access, const_cast<std::byte*>(image.data()), image.size()), name);
  const Handle file(checked(H5Fopen(name.c_str(), H5F_ACC_RDONLY, access), name), H5Fclose);
  return Group(Handle(checked(H5Gopen2(file, "/", H5P_DEFAULT), name), H5Gclose), name, "");
}

Group::Group(Handle object, std::string file, std::string path)
    : object_(std::move(object)), file_(std::move(file)), path_(std::move(path)) {}

std::string Group::where() const {
  return path_.empty() ? file_ : file_ + ": group '" + path_.substr(0, path_.size() - 1) + "'";
}

std::vector<std::string> Group::names() const {
  const Quiet quiet;
  std::vector<std::string> names;
  checked(H5Literate(object_, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names), where());
  return names;
}

bool Group::contains(const std::string& name) const {
  const Quiet quiet;
  return checked(H5Lexists(object_, name.c_str(), H5P_DEFAULT), where()) > 0;
}

Handle Group::open(const std::string& name) const {
  const std::string whole_name = "'" + printable(path_ + name) + "'";
  const std::string named = file_ + ": " + whole_name;
  if (!contains(name)) throw Error(file_ + ": there is no " + whole_name);
  H5L_info_t link;
  checked(H5Lget_info(object_, name.c_str(), &link, H5P_DEFAULT), named);
  if (link.type != H5L_TYPE_HARD)
    throw Error(named + ": expected data in the file itself, found a soft or external link");
  Handle object(checked(H5Oopen(object_, name.c_str(), H5P_DEFAULT), named), H5Oclose);
  H5O_info_t info;
  checked(H5Oget_info(object, &info), named);
  if (info.rc != 1) throw Error(named + ": the same object has several names");
  return object;
}

bool Group::is_group(const std::string& name) const {
  const Quiet quiet;
  return H5Iget_type(open(name)) == H5I_GROUP;
}

Group Group::group(const std::string& name) const {
  const Quiet quiet;
  Handle object = open(name);
  if (H5Iget_type(object) != H5I_GROUP)
    throw Error(file_ + ": '" + printable(path_ + name) + "': expected a group, found a dataset");
  return Group(std::move(object), file_, path_ + printable(name) + "/");
}

Dataset Group::dataset(const std::string& name) const {
  const Quiet quiet;
  return Dataset(open(name), file_ + ": dataset '" + printable(path_ + name) + "'");
}

}  // namespace backlight::hdf5
