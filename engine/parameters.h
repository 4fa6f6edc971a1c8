#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/tensor.h"
#include "kernels/implementation.h"

namespace backlight {

class Parameters;

/// A parameter as one kernel wants it. It belongs to the parameters: sessions of other batch sizes share it.
class PreparedParameter {
 public:
  /// Makes `count` elements of `weights`, of the precision and on the device of both.
  using Prepare = std::function<void(const Tensor& weights, std::byte* prepared, const Workers&)>;

  /// Null before the first refresh.
  const std::byte* data() const { return buffer_.data(); }
  std::size_t bytes() const { return bytes_; }
  const std::string& parameter() const { return parameter_; }
  bool stale() const { return made_of_ != *version_; }

 private:
  friend class Parameters;
  std::string parameter_;
  Prepare prepare_;
  std::size_t bytes_ = 0;
  Buffer buffer_;
  const std::uint64_t* version_ = nullptr;  // of the parameter
  std::uint64_t made_of_ = 0;               // the version that it was made of; 0: none
};

/// Named tensors that a network learned, in the framework's layout and under its state-dict names. They own
/// their memory and may be shared by several sessions.
class Parameters {
 public:
  explicit Parameters(Precision precision = Precision::float32, Device device = Device::cpu)
      : precision_(precision), device_(device), prepared_(std::make_unique<Prepared>()) {}

  /// Makes room for a tensor, not initialised. Throws Error where the name is taken or memory runs out.
  Tensor add(const std::string& name, const Shape& shape);
  /// Throws Error where there is none of that name.
  Tensor at(const std::string& name) const;
  bool contains(const std::string& name) const { return entries_.count(name) != 0; }
  std::size_t size() const { return entries_.size(); }
  /// In alphabetical order.
  std::vector<std::string> names() const;
  Precision precision() const { return precision_; }
  Device device() const { return device_; }
  std::size_t bytes() const;

  /// Say it after the elements of a parameter were changed: what kernels have packed of it is packed again
  /// before a session runs next. Throws Error where there is none of that name.
  void changed(const std::string& name);
  /// Of all of them.
  void changed();

  /// `count` elements that a kernel called `kernel` makes of a parameter: the same object for the same
  /// question. Nothing is made yet.
  PreparedParameter& prepared(const std::string& name, const std::string& kernel, std::size_t count,
                              const PreparedParameter::Prepare& prepare) const;
  /// Makes it, or makes it anew, where it is stale.
  void refresh(PreparedParameter& prepared, const Workers& workers) const;

 private:
  struct Entry {
    Shape shape;
    Buffer buffer;
    std::uint64_t version = 1;
  };
  struct Prepared {
    std::mutex mutex;
    std::map<std::string, PreparedParameter> all;
  };
  std::map<std::string, Entry> entries_;
  Precision precision_;
  Device device_;
  std::unique_ptr<Prepared> prepared_;
};

}  // namespace backlight
