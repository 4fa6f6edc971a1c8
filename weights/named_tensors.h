#pragma once

// Private to weights/: what weight files and checkpoints have in common, a set of tensors that is read and
// written strictly.
#include <memory>
#include <string>
#include <vector>

#include "engine/parameters.h"
#include "weights/hdf5/file.h"
#include "weights/hdf5/writer.h"

namespace backlight {

/// A tensor that a file must hold, under the name of its dataset.
struct ExpectedTensor {
  std::string name;
  Shape shape;
};

/// Which datasets serve: float32 and float64, converted; or only those of the precision that is asked for.
enum class Elements { converted, exact };

/// Tensors of the root group of a file, which stays open: each is read when it is wanted (Parameters), and
/// Error is thrown then where it cannot be, or where an element is not finite in `precision`. The manifest is
/// checked here: a dataset for each, of its shape, and none besides but `others`. Throws Error where that
/// does not hold.
Parameters tensors_of(const std::shared_ptr<const hdf5::Group>& root,
                      const std::vector<ExpectedTensor>& expected, Precision precision, Device device,
                      Elements elements = Elements::converted, const std::vector<std::string>& others = {});

/// Adds a tensor in its own precision. Throws Error, which begins with `where`, where an element is not
/// finite.
void write_tensor(hdf5::Writer& writer, const std::string& name, const Tensor& tensor,
                  const std::string& where);

}  // namespace backlight
