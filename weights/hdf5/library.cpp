#include "weights/hdf5/library.h"

#include "engine/error.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

extern "C" herr_t collect_message(unsigned depth, const H5E_error2_t* error, void* message_of_caller) {
  try {
    if (depth == 0 && error->desc) *static_cast<std::string*>(message_of_caller) = error->desc;
    return 0;
  } catch (...) {  // an exception must not pass through C
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
  throw Error(where + ": damaged HDF5 file, or refused by its library: " + printable(message));
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

}  // namespace backlight::hdf5
