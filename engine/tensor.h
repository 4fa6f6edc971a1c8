#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/memory.h"
#include "engine/shape.h"

namespace backlight {

/// float32 everywhere; float64 for checking, through the same graph and the same kernels.
enum class Precision : std::uint8_t { float32, float64 };

/// "float32", "float64". Throws UsageError for another name.
Precision precision_from_name(std::string_view name);
std::string_view to_string(Precision precision);
constexpr std::size_t element_bytes(Precision precision) { return precision == Precision::float32 ? 4 : 8; }
template <class T>
constexpr Precision precision_of = sizeof(T) == 4 ? Precision::float32 : Precision::float64;

/// A view of elements that somebody else owns: cheap to copy. Empty: no data.
struct Tensor {
  std::byte* data = nullptr;
  Shape shape;
  Precision precision = Precision::float32;
  Device device = Device::cpu;

  explicit operator bool() const { return data != nullptr; }
  std::size_t bytes() const { return static_cast<std::size_t>(shape.elements()) * element_bytes(precision); }

  /// The elements, for the host to read and write; null for an empty tensor. T must be the tensor's own
  /// precision, and the tensor in the host's memory.
  template <class T>
  T* as() const {
    if (data && device != Device::cpu)
      throw std::logic_error("the host was to read a tensor in the memory of " +
                             std::string(to_string(device)));
    return on_device<T>();
  }
  /// The same for a kernel that runs where the tensor lives.
  template <class T>
  T* on_device() const {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
    if (data && precision_of<T> != precision)
      throw std::logic_error("tensor read in another precision than its own");
    return reinterpret_cast<T*>(data);
  }

  /// Copies from or to host memory, converting between float and double.
  template <class T>
  void assign(std::span<const T> from) const {
    if (static_cast<std::int64_t>(from.size()) != shape.elements())
      throw std::logic_error("tensor assigned another size");
    if (precision_of<T> == precision) return memory_of(device).upload(from.data(), data, bytes());
    const std::vector<Other<T>> converted(from.begin(), from.end());
    memory_of(device).upload(converted.data(), data, bytes());
  }
  template <class T>
  std::vector<T> copy() const {
    std::vector<T> to(static_cast<std::size_t>(shape.elements()));
    if (precision_of<T> == precision) {
      memory_of(device).download(data, to.data(), bytes());
      return to;
    }
    std::vector<Other<T>> own(to.size());
    memory_of(device).download(data, own.data(), bytes());
    std::transform(own.begin(), own.end(), to.begin(), [](auto value) { return static_cast<T>(value); });
    return to;
  }

 private:
  template <class T>
  using Other = std::conditional_t<std::is_same_v<T, float>, double, float>;
};

}  // namespace backlight
