#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/tensor.h"

namespace backlight {

/// Named tensors that a network learned, in the framework's layout and under its state-dict names. They own
/// their memory and may be shared by several sessions.
class Parameters {
 public:
  explicit Parameters(Precision precision = Precision::float32, Device device = Device::cpu)
      : precision_(precision), device_(device) {}

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

 private:
  struct Entry {
    Shape shape;
    Buffer buffer;
  };
  std::map<std::string, Entry> entries_;
  Precision precision_;
  Device device_;
};

}  // namespace backlight
