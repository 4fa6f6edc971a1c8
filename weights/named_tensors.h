#pragma once

// Private to weights/: what weight files and checkpoints have in common, a set of tensors that is read and
// written strictly.
#include <string>
#include <vector>

#include "engine/parameters.h"
#include "weights/hdf5_writer.h"

namespace backlight {

/// A tensor that a file must hold, under the name of its dataset.
struct ExpectedTensor {
  std::string name;
  Shape shape;
};

/// Which datasets serve: float32 and float64, converted; or only those of the precision that is asked for.
enum class Elements { converted, exact };

/// Reads tensors from the root group of a file. Before anything is allocated the manifest is checked: a
/// dataset for each, of its shape, and none besides but `others`. Throws Error where that does not hold, or
/// where a tensor cannot be read or holds an element that is not finite in `precision`.
Parameters read_tensors(const hdf5::Group& root, const std::vector<ExpectedTensor>& expected,
                        Precision precision, Device device, Elements elements = Elements::converted,
                        const std::vector<std::string>& others = {});

/// Adds a tensor in its own precision. Throws Error, which begins with `where`, where an element is not
/// finite.
void write_tensor(hdf5::Writer& writer, const std::string& name, const Tensor& tensor,
                  const std::string& where);

}  // namespace backlight
