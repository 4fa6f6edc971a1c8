#pragma once

#include <string>
#include <vector>

#include "apps/drawing/stroke.h"

namespace backlight {

/// Writes beside things without writing over what is there already.
class Labels {
 public:
  /// Nothing is written outside `inside`.
  explicit Labels(const Box& inside) : inside_(inside) {}

  /// A disc that text keeps off where it can.
  void avoid(Point middle, double radius);

  /// Where it is told to, its left end on the base line.
  void write(Image& image, const std::string& text, Point start, double dot, Colour colour);
  /// Beside a disc: where it covers no other text and little of other discs, near by, with a thin line where
  /// that is not beside it. Nothing is written where every place is taken.
  void place(Image& image, const std::string& text, Point middle, double radius, double dot, Colour colour);

 private:
  Box inside_;
  std::vector<Box> texts_, discs_;
};

}  // namespace backlight
