#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace backlight {

/// The extents of a tensor, outermost first. Activations are N,C,H,W or N,C; convolution weights O,C,KH,KW.
/// Extents are at least 1 and their product is checked against overflow, so `elements()` can be trusted.
class Shape {
 public:
  /// The most elements that a tensor may have: 2^40, far above any network and far below overflow of a byte
  /// count.
  static constexpr std::int64_t most_elements = std::int64_t{1} << 40;

  Shape() = default;  // rank 0: one element
  /// Throws Error where an extent is below 1 or there are too many elements.
  Shape(std::initializer_list<std::int64_t> extents) : Shape(std::vector<std::int64_t>(extents)) {}
  explicit Shape(std::vector<std::int64_t> extents);

  int rank() const { return static_cast<int>(extents_.size()); }
  std::int64_t operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  std::int64_t elements() const { return elements_; }
  const std::vector<std::int64_t>& extents() const { return extents_; }
  bool operator==(const Shape& other) const { return extents_ == other.extents_; }

  // The axes of an activation, by name; an activation of rank 2 is one pixel.
  std::int64_t batch() const { return extents_[0]; }
  std::int64_t channels() const { return extents_[1]; }
  std::int64_t height() const { return rank() > 2 ? extents_[2] : 1; }
  std::int64_t width() const { return rank() > 3 ? extents_[3] : 1; }
  std::int64_t pixels() const { return height() * width(); }

 private:
  std::vector<std::int64_t> extents_;
  std::int64_t elements_ = 1;
};

/// As people write it: "1x64x112x112"; "scalar" for rank 0.
std::string to_string(const Shape& shape);

}  // namespace backlight
