#pragma once

#include <cstdint>
#include <vector>

#include "engine/shape.h"

namespace backlight {

/// A tensor of a dump: whole, or some of its elements.
struct DumpTensor {
  Shape shape;                      // of the whole tensor
  std::vector<std::int64_t> index;  // flat, row-major, ascending; empty where the tensor is whole
  std::vector<double> value;        // at `index`, or all elements
  bool whole() const { return index.empty(); }
};

/// ‖ours − dump‖ / ‖dump‖ over the elements that the dump holds; infinite where one of ours is NaN. `ours` is
/// whole.
double relative_distance(const std::vector<double>& ours, const DumpTensor& dump);

}  // namespace backlight
