#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/device.h"
#include "engine/shape.h"

namespace backlight {

/// float32 everywhere; float64 for checking, through the same graph and the same kernels.
enum class Precision { float32, float64 };

/// "float32", "float64". Throws UsageError for another name.
Precision precision_from_name(std::string_view name);
std::string_view to_string(Precision precision);
constexpr std::size_t element_bytes(Precision precision) { return precision == Precision::float32 ? 4 : 8; }
template <class T>
constexpr Precision precision_of = sizeof(T) == 4 ? Precision::float32 : Precision::float64;

/// A view of elements that somebody else owns: cheap to copy. Empty: no data.
struct Tensor {
  void* data = nullptr;
  Shape shape;
  Precision precision = Precision::float32;

  explicit operator bool() const { return data != nullptr; }
  std::size_t bytes() const { return static_cast<std::size_t>(shape.elements()) * element_bytes(precision); }

  /// The elements; null for an empty tensor. T must be the tensor's own precision.
  template <class T>
  T* as() const {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
    if (data && precision_of<T> != precision)
      throw std::logic_error("tensor read in another precision than its own");
    return static_cast<T*>(data);
  }

  /// Copies from or to host memory, converting between float and double.
  template <class T>
  void assign(std::span<const T> from) const {
    if (static_cast<std::int64_t>(from.size()) != shape.elements())
      throw std::logic_error("tensor assigned another size");
    visit([&](auto* elements) {
      std::transform(from.begin(), from.end(), elements, [](T value) {
        return static_cast<std::remove_reference_t<decltype(*elements)>>(value);
      });
    });
  }
  template <class T>
  std::vector<T> copy() const {
    std::vector<T> to(static_cast<std::size_t>(shape.elements()));
    visit([&](auto* elements) {
      std::transform(elements, elements + to.size(), to.begin(),
                     [](auto value) { return static_cast<T>(value); });
    });
    return to;
  }

 private:
  template <class Visitor>
  void visit(Visitor visitor) const {
    if (precision == Precision::float32)
      visitor(as<float>());
    else
      visitor(as<double>());
  }
};

}  // namespace backlight
