#pragma once

// Private to weights/hdf5/: the only header that names the HDF5 library.
#ifndef H5_USE_110_API
#define H5_USE_110_API  // newer libraries offer the same functions with the arguments they had in 1.10
#endif
#include <hdf5.h>

#include <string>
#include <utility>

namespace backlight::hdf5 {

/// Keeps the library from printing its error stack while it lives: what went wrong becomes an Error.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* client_ = nullptr;
};

/// An identifier of the library, closed at the end of its life.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle();
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

/// Throws Error, which begins with `where` and gives what the library last complained of.
[[noreturn]] void refuse_last_error(const std::string& where);

/// The result of a call to the library, which says by a negative one that it failed: then throws Error.
template <class Result>
Result checked(Result result, const std::string& where) {
  if (result < 0) refuse_last_error(where);
  return result;
}

/// How messages call a data type: "float32", "int64", "a string".
std::string describe_type(hid_t type);

}  // namespace backlight::hdf5
